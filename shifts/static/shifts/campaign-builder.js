// Shows, while a campaign is written, what people will get and what it takes. The server tells; here it is only asked.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("campaign-builder");
    const message = document.getElementById("id_campaign_message");
    const form = message?.form;
    if (!place || !form) return;

    const PAUSE = 250;
    const MOST_COUNTS = 3;
    const counter = document.getElementById("campaign-size");
    const people = place.querySelector("[data-people]");
    const state = place.querySelector("[data-people-state]");
    const warnings = place.querySelector("[data-warnings]");
    const tongues = place.querySelector("[data-languages]");
    // Whose text is on the phone; "" is whoever reads the campaign's own.
    let language = "";
    let latest = null;
    let timer = 0;
    let asked = 0;
    let reach = "";
    let counting = false;
    // Counts since somebody last changed something: should an answer never do, nobody asks for ever.
    let counts = 0;

    message.after(counter);
    counter.hidden = place.hidden = false;

    function question(more) {
        const data = new FormData(form);
        data.set("campaign", place.dataset.campaign);
        data.set("follows", place.dataset.follows);
        data.set("reach", reach);
        for (const [name, value] of Object.entries(more)) data.set(name, value);
        return { method: "POST", body: data, redirect: "manual" };
    }

    function say(name, words) {
        place.querySelector(`[data-told="${name}"]`).textContent = words;
    }

    // What is on the phone, and its size: of the language that somebody writes in, or has chosen.
    function showText(told) {
        const one = told.languages.find((other) => other.language === language) || told;
        const bubble = place.querySelector("[data-text]");
        bubble.textContent = one.text.trim();
        bubble.lang = one.language || "";
        say("encoding", one.strange ? `${one.encoding}, because of ${one.strange}` : one.encoding);
        say("characters", `${one.length} of ${one.limit}`);
        say("parts", String(one.parts));
        place.toggleAttribute("data-too-long", !one.fits);
        showTongues(told.languages, one.language || "");
    }

    function showTongues(all, shown) {
        tongues.hidden = all.length < 2;
        const names = all.map((one) => one.language).join(" ");
        if (tongues.dataset.languages !== names) {
            // Made anew only when they are others: whoever stands on one with the keyboard stays there.
            tongues.dataset.languages = names;
            tongues.replaceChildren(...all.map((one) => button(one.language)));
        }
        for (const [at, one] of all.entries()) {
            const parts = one.parts === 1 ? "1 part" : `${one.parts} parts`;
            const words = [one.name, [one.people, parts].filter(Boolean).join(", ")];
            const [name, rest] = tongues.children[at].children;
            name.textContent = words[0];
            rest.textContent = words[1];
            tongues.children[at].setAttribute("aria-pressed", String(one.language === shown));
        }
    }

    function button(of) {
        const made = document.createElement("button");
        made.type = "button";
        made.append(document.createElement("b"), " ", document.createElement("small"));
        made.addEventListener("click", () => turnTo(of));
        return made;
    }

    function turnTo(of) {
        language = of;
        if (latest) showText(latest);
    }

    function show(told) {
        latest = told;
        showText(told);
        place.querySelector("[data-sender]").textContent = told.sender;
        const unit = told.parts === 1 ? "part" : "parts";
        counter.querySelector("[data-size]").textContent =
            `${told.encoding} · ${told.length} of ${told.limit} characters · ${told.parts} ${unit}, with how to book`;
        counter.toggleAttribute("data-too-long", !told.fits);
        people.hidden = !told.people;
        for (const [name, words] of Object.entries(told.people || {})) say(name, words);
        if (told.people) state.textContent = "";
        else state.textContent = told.uncounted ? "Counting people…" : "Choose a segment to see whom it reaches.";
        showWarnings(told.warnings);
        showRefused(told.refused);
        if (told.uncounted) count();
    }

    function showWarnings(sentences) {
        const before = [...warnings.children].map((one) => one.textContent);
        // A screen reader is not told again what it has said.
        if (before.join("\n") === sentences.join("\n")) return;
        warnings.replaceChildren(...sentences.map((sentence) => line("li", sentence)));
    }

    // What would be refused stands at its field, as it does when the form comes back.
    function showRefused(refused) {
        for (const old of form.querySelectorAll(".campaign-refused")) {
            if (!(old.dataset.field in refused)) old.remove();
        }
        for (const [name, sentences] of Object.entries(refused)) {
            const field = form.querySelector(`.field-${CSS.escape(name)} > :last-child`);
            const words = sentences.join(" ");
            let told = field?.querySelector(".campaign-refused");
            if (!field || (!told && field.textContent.includes(words))) continue;
            if (!told) {
                told = line("p", "");
                told.className = "campaign-refused";
                told.dataset.field = name;
                told.setAttribute("role", "alert");
                field.append(told);
                // Of a language that is folded.
                field.closest("details")?.setAttribute("open", "");
            }
            if (told.textContent !== words) told.textContent = words;
        }
    }

    function line(tag, words) {
        const made = document.createElement(tag);
        made.textContent = words;
        return made;
    }

    async function ask() {
        const number = ++asked;
        try {
            const answer = await fetch(place.dataset.url, question({}));
            if (number !== asked) return;
            // An answer that was overtaken by a later one tells of an older text.
            if (answer.ok) show(await answer.json());
            else state.textContent = "No answer. Reload the page; you may have to log in again.";
        } catch {
            state.textContent = "No connection. What you see may be out of date; it is tried again as you go on.";
        }
    }

    // Takes a second where a segment is large. Meanwhile the text goes on being shown.
    async function count() {
        if (counting || counts >= MOST_COUNTS) return;
        counting = true;
        counts += 1;
        try {
            const answer = await fetch(place.dataset.url, question({ count: "1" }));
            if (answer.ok) reach = (await answer.json()).reach;
            counting = false;
            if (answer.ok) await ask();
            else state.textContent = "People could not be counted. Choose the segment again to try once more.";
        } catch {
            state.textContent = "People could not be counted. Choose the segment again to try once more.";
        } finally {
            counting = false;
        }
    }

    function soon() {
        counts = 0;
        window.clearTimeout(timer);
        timer = window.setTimeout(ask, PAUSE);
    }

    form.addEventListener("focusin", (event) => {
        const [, field, of] = /^(message|footer)_(\w+)$/.exec(event.target.name || "") || [];
        if (field) turnTo(of);
        else if (["campaign_message", "footer"].includes(event.target.name)) turnTo("");
    });
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    ask();
});
