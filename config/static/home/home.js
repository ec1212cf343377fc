// Counts down to the next steps of open incidents.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const places = document.querySelectorAll("[data-until]");
    if (!places.length) return;

    function count() {
        for (const place of places) {
            const left = Math.round((Date.parse(place.dataset.until) - Date.now()) / 1000);
            if (left < 1) place.textContent = "any moment";
            else if (left < 120) place.textContent = `in ${left} s`;
            else if (left < 7200) place.textContent = `in ${Math.round(left / 60)} min`;
        }
    }

    count();
    window.setInterval(count, 1000);
});
