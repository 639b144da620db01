"""Les erreurs typiques du TP 3, un budget à tenir : points gardés, et ce qu'en dit le retour."""

from tests.classroom.trial import Wrong

LINEAR = "return [int(budget + (n - budget) * (1 - t / steps) + 0.5) for t in range(1, steps + 1)]"

WRONG = [
    Wrong(
        "q1",
        "budget retiré au lieu d'être gardé",
        "[: len(flat) - budget]",
        "[:budget]",
        0,
        "vous retirez le budget au lieu de le garder",
    ),
    Wrong(
        "q1",
        "sélection inversée",
        "argsort(stable=True)",
        "argsort(stable=True, descending=True)",
        1,
        "vous avez élagué les plus grands poids",
    ),
    Wrong("q2", "sans le cube", "", LINEAR, 2, "le calendrier est linéaire : il manque le cube"),
    Wrong(
        "q2",
        "budget jamais atteint",
        "range(1, steps + 1)",
        "range(steps)",
        1,
        "vous commencez à t = 0 et n'atteignez pas le budget",
    ),
    Wrong(
        "q3",
        "masques non tenus",
        ", masks=pruned.masks",
        "",
        0,
        "poids non nuls ; attendu 320 au plus",
    ),
    Wrong(
        "q3",
        "hasard, sans affinage",
        "",
        "best = pruned_copy(given, keep_best(random_scores(given, seed=0), BUDGET))",
        3,
        "au moins 50 % sur le test : mesuré",
    ),
    Wrong(
        "q1",
        "seuil large, à égalité",
        "",
        "flat = torch.cat([s.flatten() for s in scores.values()])\n"
        "least = flat.topk(budget).values[-1] if budget else 9\n"
        "return {n: s >= least for n, s in scores.items()}",
        1,
        "à égalité, votre seuil garde tous les ex æquo",
    ),
    Wrong(
        "q1",
        "par couche",
        "",
        "from pruning_core import layerwise_masks\n"
        "return layerwise_masks(scores, 1 - budget / sum(s.numel() for s in scores.values()))",
        1,
        "c'est une sélection par couche",
    ),
    Wrong("q2", "sans arrondi", "int(budget", "float(budget", 0, "un nombre de poids est entier"),
    Wrong("q2", "troncature", " + 0.5)", ")", 2, "7 étapes : vous tronquez au lieu d'arrondir"),
    Wrong("q2", "un nombre", "", "return budget", 0, "une liste de nombres ; reçu int"),
    Wrong(
        "q3",
        "budget changé dans le carnet",
        "",
        'object.__setattr__(DIGITS, "budget", 7000)\nbest = given',
        0,
        "poids non nuls ; attendu 320 au plus",
    ),
    Wrong("q3", "pas un réseau", "", 'best = "le mien"', 0, "reçu un objet de type str"),
    Wrong("q3", "une erreur de syntaxe", "", "best = (", 0, "pas de réseau dans `best`"),
]
