// Keeps the list of incidents up to date: counts down, and asks for the rows again, which is answered 304 while they
// are the same. Filters, search and page are those of the address; nothing scrolls.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("incident-list");
    if (!place) return;

    const EVERY = 5000;
    const SLOWEST = 30000;
    const trouble = document.getElementById("incident-list-trouble");
    const address = place.dataset.url + window.location.search;
    let etag = place.dataset.etag;
    let pause = EVERY;
    let timer = 0;

    const table = (within) => within.querySelector("#result_list");

    function count() {
        for (const one of document.querySelectorAll("#result_list [data-until]")) {
            const left = (Date.parse(one.dataset.until) - Date.now()) / 1000;
            one.toggleAttribute("data-soon", left < 10);
            // Longer waits are told finely enough by the server.
            if (left < 120) one.textContent = left < 1 ? "any moment" : `in ${Math.round(left)} s`;
            else if (left < 7200) one.textContent = `in ${Math.round(left / 60)} min`;
        }
    }

    function say(words) {
        trouble.textContent = words;
        trouble.hidden = !words;
    }

    // What somebody reads, marks or writes is never taken away from them.
    function isBusy() {
        const dialog = document.getElementById("modal-content");
        const selection = document.getSelection();
        const marked = selection && !selection.isCollapsed && table(document)?.contains(selection.anchorNode);
        return Boolean(marked || dialog?.getClientRects().length);
    }

    function show(html) {
        const now = table(document);
        const next = table(new DOMParser().parseFromString(html, "text/html"));
        if (!now || !next) {
            // The first incident has come, or the last has gone: the page is another one.
            if (now !== next) window.location.reload();
            return;
        }
        const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        for (const old of now.querySelectorAll(":scope > tbody")) old.remove();
        for (const row of next.querySelectorAll(":scope > tbody")) now.append(document.adoptNode(row));
        window.htmx?.process(now);
        if (focused) now.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
        count();
    }

    async function refresh() {
        if (document.hidden || isBusy()) return true;
        const headers = { "If-None-Match": etag };
        const answer = await fetch(address, { headers, cache: "no-store", redirect: "manual" });
        if (answer.status >= 500) throw new Error(String(answer.status));
        if (answer.status !== 304 && !answer.ok) {
            say("This list is no longer refreshed. Reload it; you may have to log in again.");
            return false;
        }
        if (answer.ok) {
            const html = await answer.text();
            if (isBusy()) return true;
            etag = answer.headers.get("ETag");
            show(html);
        }
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
        timer = window.setTimeout(tick, pause);
    }

    count();
    window.setInterval(count, 1000);
    timer = window.setTimeout(tick, pause);
    document.addEventListener("visibilitychange", () => {
        // Without a timer a request is under way, or the list is given up.
        if (document.hidden || !timer) return;
        window.clearTimeout(timer);
        tick();
    });
});
