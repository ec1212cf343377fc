// Keeps a thread up to date while it is open, and counts an answer while it is written. The server decides and counts.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("thread");
    const form = document.getElementById("thread-answer");
    if (form) countText(form);
    if (page && page.dataset.url) follow(page);

    function countText(form) {
        const PAUSE = 300;
        const text = form.elements.body;
        const place = document.getElementById("thread-size");
        let timer = 0;
        let asked = 0;

        function show(size) {
            const parts = `${size.parts} ${size.parts === 1 ? "part" : "parts"}`;
            const strange = size.strange ? `, because of ${size.strange}` : "";
            place.textContent = `${size.encoding}${strange} · ${size.length} of ${size.limit} characters · ${parts} · ${size.cost}`;
            place.toggleAttribute("data-too-long", !size.fits);
        }

        async function ask() {
            const number = ++asked;
            if (!text.value) {
                place.textContent = "";
                return;
            }
            const data = new FormData();
            data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
            data.append("body", text.value);
            try {
                const answer = await fetch(form.dataset.sizeUrl, { method: "POST", body: data, redirect: "manual" });
                // An answer that was overtaken by a later one tells of an older text.
                if (answer.ok && number === asked) show(await answer.json());
            } catch {
                // The next key stroke asks again; what counts is said when the text is sent.
            }
        }

        text.addEventListener("input", () => {
            window.clearTimeout(timer);
            timer = window.setTimeout(ask, PAUSE);
        });
        form.addEventListener("submit", () => {
            form.querySelector(".thread-send").disabled = true;
        });
        // A page that comes back from the browser's memory may be sent again.
        window.addEventListener("pageshow", () => {
            form.querySelector(".thread-send").disabled = false;
        });
        ask();
    }

    function follow(page) {
        const place = document.getElementById("thread-bubbles");
        const news = document.getElementById("thread-news");
        const texts = () => place.querySelector(".thread-texts");

        function isBusy() {
            const selection = document.getSelection();
            return Boolean(selection && !selection.isCollapsed && place.contains(selection.anchorNode));
        }

        function isAtEnd() {
            return place.getBoundingClientRect().bottom <= window.innerHeight + 40;
        }

        function show(html) {
            const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
            const open = [...place.querySelectorAll("details[open]")].map((one) => one.id);
            const seen = texts().dataset.seen;
            const atEnd = isAtEnd();
            place.innerHTML = html;
            for (const id of open) document.getElementById(id)?.setAttribute("open", "");
            if (focused) document.getElementById(focused)?.focus();
            // What is on the page counts as read when an answer is sent.
            if (form) form.elements.seen.value = texts().dataset.seen;
            if (texts().dataset.seen !== seen) news.textContent = "A new text has come.";
            if (atEnd) (form ?? place).scrollIntoView({ block: "end" });
        }

        // The latest text is what one comes for; the form stands below it.
        (form ?? place).scrollIntoView({ block: "end" });
        window.textback.follow({
            address: page.dataset.url,
            etag: () => texts().dataset.etag,
            isBusy,
            show,
            every: 3000,
            trouble: document.getElementById("thread-trouble"),
        });
    }
});
