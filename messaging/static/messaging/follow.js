// Asks for a part of a page again and again while it is open; it is answered 304 while the part is the same.
"use strict";

window.textback = window.textback || {};

// address   where the part is asked for
// etag      what it has now: a function
// isBusy    whether somebody reads, marks or writes there, so that nothing may be taken away from them: a function
// show      puts the part in place: (html, etag)
// goesOn    whether to ask again after a look: a function
// every     milliseconds, or a function that says how many; longer and longer while there is no connection
// trouble   where it is said that there is none, or that nothing is refreshed any more
// what      "page" or "list", for those words
window.textback.follow = ({ address, etag, isBusy, show, every, trouble, what = "page", goesOn = () => true }) => {
    const SLOWEST = 30000;
    const usual = () => (typeof every === "function" ? every() : every);
    let pause = usual();
    let timer = 0;

    function say(words) {
        trouble.textContent = words;
        trouble.hidden = !words;
    }

    async function refresh() {
        if (document.hidden || isBusy()) return true;
        const headers = { "If-None-Match": etag() };
        const answer = await fetch(address, { headers, cache: "no-store", redirect: "manual" });
        if (answer.status >= 500) throw new Error(String(answer.status));
        if (answer.status !== 304 && !answer.ok) {
            say(`This ${what} is no longer refreshed. Reload it; you may have to log in again.`);
            return false;
        }
        if (answer.ok) {
            const html = await answer.text();
            if (!isBusy()) show(html, answer.headers.get("ETag"));
        }
        return true;
    }

    async function tick() {
        timer = 0;
        try {
            if (!(await refresh())) return;
            pause = usual();
            say("");
        } catch {
            pause = Math.min(pause * 2, SLOWEST);
            say("No connection. What you see may be out of date; it is tried again.");
        }
        if (goesOn()) timer = window.setTimeout(tick, pause);
    }

    timer = window.setTimeout(tick, pause);
    document.addEventListener("visibilitychange", () => {
        // Without a timer a request is under way, or there is nothing left to wait for.
        if (document.hidden || !timer) return;
        window.clearTimeout(timer);
        tick();
    });
};
