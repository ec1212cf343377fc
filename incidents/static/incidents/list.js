// Keeps the list of incidents up to date: counts down, and asks for the rows again, which is answered 304 while they
// are the same. Filters, search and page are those of the address; nothing scrolls.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("incident-list");
    if (!place) return;

    let etag = place.dataset.etag;

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

    // What somebody reads, marks or writes is never taken away from them.
    function isBusy() {
        const dialog = document.getElementById("modal-content");
        const selection = document.getSelection();
        const marked = selection && !selection.isCollapsed && table(document)?.contains(selection.anchorNode);
        return Boolean(marked || dialog?.getClientRects().length);
    }

    function show(html, itsEtag) {
        etag = itsEtag;
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

    count();
    window.setInterval(count, 1000);
    window.textback.follow({
        address: place.dataset.url + window.location.search,
        etag: () => etag,
        isBusy,
        show,
        every: 5000,
        trouble: document.getElementById("incident-list-trouble"),
        what: "list",
    });
});
