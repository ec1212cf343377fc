// Unfold's dialogs for the keyboard and for screen readers: they take the focus and keep it, say what they are, close by
// Escape and their cross, are sent by Enter (Ctrl+Enter in a field of several lines), and give the focus back.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("modal-content");
    if (!place) return;

    let opener = null;
    const isOpen = () => place.getClientRects().length > 0;
    const inside = () =>
        [...place.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')].filter(
            (one) => one.getClientRects().length && !one.disabled && one.type !== "hidden",
        );

    // What must be filled in first; where nothing must be, one Enter confirms.
    function first() {
        const wanted = inside().find((one) => one.required && !one.value);
        return wanted ?? place.querySelector("button[type=submit]");
    }

    function name() {
        place.setAttribute("role", "dialog");
        place.setAttribute("aria-modal", "true");
        const title = place.querySelector("h1");
        if (title) {
            title.id = "modal-title";
            place.setAttribute("aria-labelledby", title.id);
        }
        const cross = place.querySelector("#dialog > div:first-child");
        if (cross && !cross.hasAttribute("role")) {
            cross.setAttribute("role", "button");
            cross.setAttribute("aria-label", "Close");
            cross.tabIndex = 0;
        }
    }

    document.body.addEventListener("htmx:beforeRequest", (event) => {
        if (event.detail.target === place) opener = event.detail.elt;
    });
    document.body.addEventListener("htmx:afterSettle", (event) => {
        if (event.detail.target !== place && !place.contains(event.target)) return;
        name();
        // Alpine shows the dialog in the next moment.
        window.requestAnimationFrame(() => window.requestAnimationFrame(() => isOpen() && first()?.focus()));
    });

    place.addEventListener("keydown", (event) => {
        const form = place.querySelector("form");
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form?.requestSubmit();
        else if (event.key === "Enter" && event.target.tagName === "SELECT") {
            event.preventDefault();
            form?.requestSubmit();
        } else if ([" ", "Enter"].includes(event.key) && event.target.getAttribute("role") === "button") {
            event.preventDefault();
            event.target.click();
        } else if (event.key === "Tab") {
            const all = inside();
            const [begin, end] = event.shiftKey ? [all.at(-1), all[0]] : [all[0], all.at(-1)];
            if (document.activeElement === end) {
                event.preventDefault();
                begin?.focus();
            }
        }
    });

    let wasOpen = false;
    new MutationObserver(() => {
        if (wasOpen && !isOpen() && opener) {
            // The list may have drawn its rows anew.
            const again = opener.isConnected
                ? opener
                : document.querySelector(`a[href="${CSS.escape(opener.getAttribute("href") ?? "")}"]`);
            again?.focus({ preventScroll: true });
            opener = null;
        }
        wasOpen = isOpen();
    }).observe(place.parentElement, { attributes: true, attributeFilter: ["style"] });
});
