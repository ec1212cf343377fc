// Looks on while a file is checked or imported, and loads the page anew when that is over.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("import");
    if (!page || !("live" in page.dataset)) return;

    const EVERY = 700;
    const SLOWEST = 15000;
    const bar = document.getElementById("import-bar");
    const words = document.getElementById("import-words");
    const trouble = document.getElementById("import-trouble");
    let pause = EVERY;
    let timer = 0;

    function say(text) {
        trouble.textContent = text;
        trouble.hidden = !text;
    }

    function again() {
        timer = window.setTimeout(tick, pause);
    }

    async function tick() {
        timer = 0;
        if (document.hidden) return;
        try {
            const answer = await fetch(page.dataset.url, { cache: "no-store", redirect: "manual" });
            if (answer.status >= 500) throw new Error(String(answer.status));
            if (!answer.ok) {
                say("This page is no longer refreshed. Reload it; the file may have been discarded, or you may have to log in again.");
                return;
            }
            const now = await answer.json();
            if (now.status !== page.dataset.status) {
                window.location.reload();
                return;
            }
            bar.max = now.total || 1;
            bar.value = now.done;
            words.textContent = now.words;
            pause = EVERY;
            say("");
        } catch {
            pause = Math.min(pause * 2, SLOWEST);
            say("No connection. The import goes on without this page; it is asked again.");
        }
        again();
    }

    document.addEventListener("visibilitychange", () => {
        // Without a timer a request is under way, or the page waits to be looked at.
        if (!document.hidden && !timer) tick();
    });
    again();
});
