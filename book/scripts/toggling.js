// Les réglages de togglebutton.js, que son extension écrit dans chaque page : la politique de sécurité
// n'y admet aucun script.
/* exported toggleHintShow, toggleHintHide, toggleOpenOnPrint, togglebuttonSelector */
/* eslint no-var: off -- ce que l'extension écrirait */
var toggleHintShow = "Cliquer pour montrer";
var toggleHintHide = "Cliquer pour masquer";
var toggleOpenOnPrint = "true";
var togglebuttonSelector = ".toggle, .admonition.dropdown";
