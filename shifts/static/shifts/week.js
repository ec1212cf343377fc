// The week of shifts: whoever books or releases comes back to the place on the page where they were.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const KEY = "textback-week";
    try {
        const [address, top] = JSON.parse(window.sessionStorage.getItem(KEY) || "[]");
        window.sessionStorage.removeItem(KEY);
        if (address === window.location.href) window.scrollTo(0, top);
    } catch {
        // A browser without storage begins at the top.
    }

    document.addEventListener("htmx:beforeRequest", () => {
        try {
            window.sessionStorage.setItem(KEY, JSON.stringify([window.location.href, window.scrollY]));
        } catch {
            // As above.
        }
    });
});
