// Tells the server which time zone this person lives in.
"use strict";

{
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    if (zone) document.cookie = `textback_time_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
