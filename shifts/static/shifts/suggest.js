// The dialog that gives a place: suggests people as their name or number is typed. A click on one books for them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const PAUSE = 200;
    let timer = 0;
    let asked = 0;

    function parts(element) {
        const form = element.closest("form");
        const place = form?.querySelector(".suggest");
        return place ? { form, place, typed: form.elements.employee, person: form.elements.person } : null;
    }

    function line(one) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = one.free ? "suggest-one tb-success" : "suggest-one";
        button.dataset.person = one.id;
        for (const [tag, words] of [["b", one.name], ["small", one.number], ["span", one.note]]) {
            if (!words) continue;
            const part = document.createElement(tag);
            part.textContent = words;
            button.append(part, " ");
        }
        const item = document.createElement("li");
        item.append(button);
        return item;
    }

    async function ask({ form, place, typed }) {
        const number = ++asked;
        const data = new FormData();
        data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        // In the body: a number that is typed belongs into no address.
        data.append("typed", typed.value);
        try {
            const answer = await fetch(place.dataset.url, { method: "POST", body: data, redirect: "manual" });
            // An answer that was overtaken by a later one is about other words.
            if (!answer.ok || number !== asked) return;
            const told = await answer.json();
            place.querySelector(".suggest-list").replaceChildren(...told.people.map(line));
            place.querySelector("[data-told]").textContent = told.told;
        } catch {
            // The next key stroke asks again; the button below books for the name or number that is written.
        }
    }

    document.addEventListener("input", (event) => {
        if (event.target.name !== "employee") return;
        const found = parts(event.target);
        if (!found) return;
        // Whoever was chosen before is not meant any more.
        found.person.value = "";
        window.clearTimeout(timer);
        timer = window.setTimeout(ask, PAUSE, found);
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("button[data-person]");
        const found = button && parts(button);
        if (!found) return;
        found.person.value = button.dataset.person;
        found.typed.value = button.querySelector("b").textContent;
        found.form.requestSubmit();
    });
});
