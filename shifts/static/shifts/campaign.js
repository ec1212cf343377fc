// Counts the text of a campaign while it is written, and keeps the figures of one that is sent up to date.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const counter = document.getElementById("campaign-size");
    const page = document.getElementById("campaign");
    if (counter) countText(counter);
    if (page) followCampaign(page);

    function countText(place) {
        const PAUSE = 300;
        const message = document.getElementById("id_campaign_message");
        const form = message?.form;
        if (!form) return;
        message.after(place);
        place.hidden = false;
        let timer = 0;
        let asked = 0;

        function show(size) {
            const unit = size.parts === 1 ? "part" : "parts";
            place.querySelector("[data-size]").textContent =
                `${size.encoding} · ${size.length} of ${size.limit} characters · ${size.parts} ${unit}, with how to book`;
            place.toggleAttribute("data-too-long", !size.fits);
            const strange = place.querySelector("[data-strange]");
            strange.hidden = !size.strange;
            strange.textContent = size.strange ? `Fewer fit into a part because of: ${size.strange}` : "";
            place.querySelector("[data-text]").textContent = size.text.trim();
        }

        async function ask() {
            const number = ++asked;
            const data = new FormData();
            for (const name of ["csrfmiddlewaretoken", "campaign_message", "footer", "shifts"]) {
                for (const value of new FormData(form).getAll(name)) data.append(name, value);
            }
            try {
                const answer = await fetch(place.dataset.url, { method: "POST", body: data, redirect: "manual" });
                // An answer that was overtaken by a later one tells of an older text.
                if (answer.ok && number === asked) show(await answer.json());
            } catch {
                // The next key stroke asks again; what counts is said when the form is saved.
            }
        }

        function soon() {
            window.clearTimeout(timer);
            timer = window.setTimeout(ask, PAUSE);
        }

        form.addEventListener("input", soon);
        form.addEventListener("change", soon);
        ask();
    }

    function followCampaign(place) {
        const SLOWEST = 30000;
        const news = document.getElementById("campaign-news");
        const offline = document.getElementById("campaign-offline");
        const lists = document.getElementById("campaign-lists");
        let every = Number(place.dataset.every);
        let pause = every;
        let timer = 0;
        let lastLists = "";
        let status = place.dataset.status;

        function say(words) {
            offline.textContent = words;
            offline.hidden = !words;
        }

        function isBusy() {
            const selection = document.getSelection();
            return Boolean(selection && !selection.isCollapsed && place.contains(selection.anchorNode));
        }

        // A dialog that somebody is reading is never taken away from them.
        function isInDialog() {
            const dialog = document.getElementById("modal-content");
            return Boolean(dialog && dialog.getClientRects().length);
        }

        function show(told) {
            for (const name of ["headline", "detail", "trouble"]) {
                const line = place.querySelector(`[data-words="${name}"]`);
                if (line.textContent !== told[name]) line.textContent = told[name];
                line.hidden = !told[name];
            }
            for (const [name, value] of Object.entries(told.values)) {
                const figure = place.querySelector(`[data-value="${name}"]`);
                if (figure) figure.textContent = value;
            }
            for (const [name, people] of Object.entries(told.people)) {
                const part = place.querySelector(`[data-part="${name}"]`);
                if (!part) continue;
                part.style.flexGrow = people;
                part.hidden = !people;
                const share = place.querySelector(`[data-value="${name}"]`).parentElement;
                if ("sometimes" in share.dataset) share.hidden = !people;
            }
            if (told.lists !== lastLists) {
                lastLists = told.lists;
                const focused = lists.contains(document.activeElement) && document.activeElement.getAttribute("href");
                if ("delivered" in told.values) lists.innerHTML = told.lists;
                if (focused) lists.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
            }
            if (told.status !== status) news.textContent = told.headline;
            status = told.status;
            every = told.every;
        }

        async function refresh() {
            if (document.hidden || isBusy()) return true;
            const answer = await fetch(place.dataset.url, { cache: "no-store", redirect: "manual" });
            if (answer.status >= 500) throw new Error(String(answer.status));
            if (!answer.ok) {
                say("This page is no longer refreshed. Reload it; you may have to log in again.");
                return false;
            }
            show(await answer.json());
            return true;
        }

        async function tick() {
            timer = 0;
            try {
                if (!(await refresh())) return;
                pause = every;
                say("");
            } catch {
                pause = Math.min(Math.max(pause, 2000) * 2, SLOWEST);
                say("No connection. What you see may be out of date; it is tried again.");
            }
            const changed = status !== place.dataset.status;
            // The buttons above fit the status.
            if (changed && !document.hidden && !isInDialog() && !isBusy()) {
                window.location.reload();
            } else if (changed || every) {
                timer = window.setTimeout(tick, pause || 2000);
            }
        }

        if (!every) return;
        timer = window.setTimeout(tick, pause);
        document.addEventListener("visibilitychange", () => {
            // Without a timer a request is under way, or there is nothing left to wait for.
            if (document.hidden || !timer) return;
            window.clearTimeout(timer);
            tick();
        });
    }
});
