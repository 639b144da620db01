/* Écrit par « make scripts » ; ne pas modifier à la main. */
"use strict";{const t=document.documentElement;let e="auto";try{e=localStorage.getItem("mode")??e}catch{}t.dataset.mode=e,e==="auto"&&(e=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"),t.dataset.theme=e}
