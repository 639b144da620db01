// Une ancienne adresse : on va à la page qui a maintenant ce qu'elle nomme, ou à la première.
{
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const link = (named?.parentElement ?? document).querySelector("a");
  if (link) location.replace(link.href + (named ? location.hash : ""));
}
