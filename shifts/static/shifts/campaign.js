// Keeps the figures of a campaign that is sent up to date.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("campaign");
    if (page) followCampaign(page);

    function followCampaign(place) {
        const SLOWEST = 30000;
        const news = document.getElementById("campaign-news");
        const offline = document.getElementById("campaign-offline");
        let every = Number(place.dataset.every);
        let pause = every;
        let timer = 0;
        const last = {};
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
        }

        // What the server has drawn anew replaces what is there; who was on a link of it stays there.
        function redraw(name, html) {
            const part = document.getElementById(`campaign-${name}`);
            if (!part || html === last[name]) return;
            last[name] = html;
            const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
            part.innerHTML = html;
            if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
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
