// Keeps the page of an open incident up to date: asks for the story again, which is answered 304 while nothing happened.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("incident");
    if (!page) return;

    const place = document.getElementById("incident-story");
    const news = document.getElementById("incident-news");
    const story = () => place.querySelector(".incident");
    const statusAtFirst = story().dataset.status;

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

    function goesOn() {
        const changed = story().dataset.status !== statusAtFirst;
        if (changed && !document.hidden && !isWriting() && !isBusy()) {
            window.location.reload();
            return false;
        }
        return changed || "live" in story().dataset;
    }

    count();
    if (!("live" in story().dataset)) return;
    window.setInterval(count, 1000);
    window.textback.follow({
        address: page.dataset.url,
        etag: () => story().dataset.etag,
        isBusy,
        show,
        goesOn,
        every: 3000,
        trouble: document.getElementById("incident-trouble"),
    });
});
