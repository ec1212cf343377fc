// Looks on while a file is checked or imported, and loads the page anew when that is over.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("import");
    if (!page || !("live" in page.dataset)) return;

    const bar = document.getElementById("import-bar");
    const words = document.getElementById("import-words");
    let isOver = false;

    function show(answer) {
        const now = JSON.parse(answer);
        bar.max = now.total || 1;
        bar.value = now.done;
        words.textContent = now.words;
        isOver = now.status !== page.dataset.status;
    }

    function goesOn() {
        if (isOver) window.location.reload();
        return !isOver;
    }

    window.textback.follow({
        address: page.dataset.url,
        etag: () => "",
        isBusy: () => false,
        show,
        goesOn,
        every: 700,
        trouble: document.getElementById("import-trouble"),
    });
});
