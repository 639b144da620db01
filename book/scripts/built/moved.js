/* Écrit par « make scripts » ; ne pas modifier à la main. */
"use strict";{const e=document.getElementById(decodeURIComponent(location.hash.slice(1))),n=(e?.parentElement??document).querySelector("a");n&&location.replace(n.href+(e?location.hash:""))}
