// Shows a text as it would be, its size, and what is wrong with it, while it is written.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const PAUSE = 300;
    const form = document.getElementById("wording-form");
    if (!form) return;
    const phone = document.querySelector(".wording-phone");
    const problems = document.getElementById("wording-problems");
    const text = document.getElementById("id_text");
    let timer = 0;
    let asked = 0;

    function show(told) {
        const unit = told.parts === 1 ? "part" : "parts";
        phone.querySelector("[data-text]").textContent = told.text;
        const size = phone.querySelector("[data-size]");
        size.textContent = `${told.encoding} · ${told.length} of ${told.limit} characters · ${told.parts} ${unit}`;
        size.classList.toggle("wording-too-long", !told.fits);
        const strange = phone.querySelector("[data-strange]");
        strange.hidden = !told.strange;
        strange.textContent = told.strange ? `Fewer fit into a part because of: ${told.strange}` : "";
        problems.replaceChildren(...told.problems.map(line));
        text.toggleAttribute("aria-invalid", told.problems.length > 0);
    }

    function line(problem) {
        const item = document.createElement("li");
        item.textContent = problem;
        return item;
    }

    async function ask() {
        const number = ++asked;
        try {
            const answer = await fetch(form.dataset.url, {
                method: "POST",
                body: new FormData(form),
                redirect: "manual",
            });
            // An answer that was overtaken by a later one tells of an older text.
            if (answer.ok && number === asked) show(await answer.json());
        } catch {
            // The next key stroke asks again; what counts is said when the form is saved.
        }
    }

    form.addEventListener("input", () => {
        window.clearTimeout(timer);
        timer = window.setTimeout(ask, PAUSE);
    });
});
