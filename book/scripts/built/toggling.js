/* Écrit par « make scripts » ; ne pas modifier à la main. */
"use strict";var toggleHintShow="Cliquer pour montrer",toggleHintHide="Cliquer pour masquer",toggleOpenOnPrint="true",togglebuttonSelector=".toggle, .admonition.dropdown";
