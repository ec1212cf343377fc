// Keeps the figures of a campaign that is sent up to date.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("campaign");
    if (!place) return;

    const news = document.getElementById("campaign-news");
    const statusAtFirst = place.dataset.status;
    const drawn = {};
    let every = Number(place.dataset.every);
    let status = statusAtFirst;
    let etag = "";

    function isBusy() {
        const selection = document.getSelection();
        return Boolean(selection && !selection.isCollapsed && place.contains(selection.anchorNode));
    }

    // A dialog that somebody is reading is never taken away from them.
    function isInDialog() {
        const dialog = document.getElementById("modal-content");
        return Boolean(dialog && dialog.getClientRects().length);
    }

    // Figures are put in one by one: the bar moves instead of being drawn anew.
    function show(answer, itsEtag) {
        const told = JSON.parse(answer);
        for (const name of ["headline", "detail", "trouble"]) {
            const line = place.querySelector(`[data-words="${name}"]`);
            if (line.textContent !== told[name]) line.textContent = told[name];
            line.hidden = !told[name];
        }
        const link = place.querySelector("[data-trouble-link]");
        link.hidden = !told.trouble_url;
        link.querySelector("a").href = told.trouble_url;
        for (const [name, value] of Object.entries(told.values)) {
            const figure = place.querySelector(`[data-value="${name}"]`);
            if (figure) figure.textContent = value || figure.dataset.none || "-";
        }
        for (const [name, people] of Object.entries(told.people)) {
            const part = place.querySelector(`[data-part="${name}"]`);
            if (!part) continue;
            part.style.flexGrow = people;
            part.hidden = !people;
            const share = place.querySelector(`[data-value="${name}"]`).parentElement;
            if ("sometimes" in share.dataset) share.hidden = !people;
        }
        if ("delivered" in told.values) {
            redraw("funnel", told.funnel);
            redraw("lists", told.lists);
        }
        if (told.status !== status) news.textContent = told.headline;
        status = told.status;
        every = told.every;
        etag = itsEtag;
    }

    // What the server has drawn anew replaces what is there; who was on a link of it stays there.
    function redraw(name, html) {
        const part = document.getElementById(`campaign-${name}`);
        if (!part || html === drawn[name]) return;
        drawn[name] = html;
        const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
        part.innerHTML = html;
        if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    }

    function goesOn() {
        const changed = status !== statusAtFirst;
        // The buttons above fit the status.
        if (changed && !document.hidden && !isInDialog() && !isBusy()) {
            window.location.reload();
            return false;
        }
        return changed || every > 0;
    }

    if (!every) return;
    window.textback.follow({
        address: place.dataset.url,
        etag: () => etag,
        isBusy,
        show,
        goesOn,
        every: () => every || 2000,
        trouble: document.getElementById("campaign-offline"),
    });
});
