// Keeps the page of an open incident up to date: asks for the story again, which is answered 304 while nothing happened.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("incident");
    if (!page) return;

    const EVERY = 3000;
    const SLOWEST = 30000;
    const place = document.getElementById("incident-story");
    const news = document.getElementById("incident-news");
    const trouble = document.getElementById("incident-trouble");
    const story = () => place.querySelector(".incident");
    const statusAtFirst = story().dataset.status;
    let pause = EVERY;
    let timer = 0;

    function say(words) {
        trouble.textContent = words;
        trouble.hidden = !words;
    }

    function count() {
        for (const one of place.querySelectorAll("[data-until]")) {
            const left = (Date.parse(one.dataset.until) - Date.now()) / 1000;
            // Longer waits are told finely enough by the server.
            if (left < 120) one.textContent = left < 1 ? "any moment" : `in ${Math.round(left)} s`;
        }
    }

    function isBusy() {
        const selection = document.getSelection();
        return Boolean(selection && !selection.isCollapsed && place.contains(selection.anchorNode));
    }

    function show(html) {
        const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        const headline = story().dataset.headline;
        place.innerHTML = html;
        if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
        // Said once to who listens, instead of the whole page again.
        if (story().dataset.headline !== headline) news.textContent = story().dataset.headline;
        count();
    }

    // The buttons above fit the status. A dialog that somebody is writing in is never taken away from them.
    function isWriting() {
        const dialog = document.getElementById("modal-content");
        return Boolean(dialog && dialog.getClientRects().length);
    }

    async function refresh() {
        if (document.hidden || isBusy()) return true;
        const answer = await fetch(page.dataset.url, {
            headers: { "If-None-Match": story().dataset.etag },
            cache: "no-store",
            redirect: "manual",
        });
        if (answer.status >= 500) throw new Error(String(answer.status));
        if (answer.status !== 304 && !answer.ok) {
            say("This page is no longer refreshed. Reload it; you may have to log in again.");
            return false;
        }
        if (answer.ok) show(await answer.text());
        return true;
    }

    async function tick() {
        timer = 0;
        try {
            if (!(await refresh())) return;
            pause = EVERY;
            say("");
        } catch {
            pause = Math.min(pause * 2, SLOWEST);
            say("No connection. What you see may be out of date; it is tried again.");
        }
        const changed = story().dataset.status !== statusAtFirst;
        if (changed && !document.hidden && !isWriting() && !isBusy()) {
            window.location.reload();
        } else if (changed || "live" in story().dataset) {
            timer = window.setTimeout(tick, pause);
        }
    }

    count();
    if (!("live" in story().dataset)) return;
    window.setInterval(count, 1000);
    timer = window.setTimeout(tick, pause);
    document.addEventListener("visibilitychange", () => {
        // Without a timer a request is under way, or there is nothing left to wait for.
        if (document.hidden || !timer) return;
        window.clearTimeout(timer);
        tick();
    });
});
