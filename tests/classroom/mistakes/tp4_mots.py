"""Les erreurs typiques du TP 4, Wanda et OBS par couche : points gardés, ce que dit le retour."""

from tests.classroom.trial import Wrong

NEVER_RESTRICTED = "w, _ = remove_weight(w, C, q)"
RESET_AT_THE_END = """
C = torch.linalg.inv(H + damping * H.diagonal().mean() * torch.eye(len(w), dtype=H.dtype))
gone = torch.zeros(len(w), dtype=torch.bool)
while len(w) - gone.sum() > kept:
    costs = w**2 / (2 * C.diagonal())
    q = int(costs.masked_fill(gone, torch.inf).argmin())
    w, _ = remove_weight(w, C, q)
    gone[q] = True
return w.masked_fill(gone, 0.0)
"""
COSTS_OF_THE_START = """
C = torch.linalg.inv(H + damping * H.diagonal().mean() * torch.eye(len(w), dtype=H.dtype))
for q in (w**2 / C.diagonal()).argsort()[: len(w) - kept].tolist():
    w, C = remove_weight(w, C, q)
return w
"""
ALL_THE_LAYER = """
mask = torch.ones(scores.numel(), dtype=torch.bool)
mask[scores.flatten().argsort(stable=True)[: scores.numel() - kept * len(scores)]] = False
return mask.reshape(scores.shape)
"""
BY_MAGNITUDE = """
best = word_model()
for weight in block_weights(best).values():
    smallest = weight.abs().argsort(dim=1)[:, : weight.shape[1] * 81 // 100 + 1]
    weight.data.scatter_(1, smallest, 0.0)
"""

WRONG = [
    Wrong("q1", "facteur oublié", "0.5 * ", "", 1, "il manque le facteur 1/2"),
    Wrong(
        "q1",
        "diagonale de H seule",
        "",
        "return 0.5 * ((pruned - W) ** 2 * H.diagonal()).sum()",
        1,
        "vous ne gardez que la diagonale de H",
    ),
    Wrong(
        "q1",
        "moyenne des lignes",
        ".sum()",
        ".sum(1).mean()",
        1,
        "vous faites la moyenne des lignes, et non leur somme",
    ),
    Wrong(
        "q1",
        "lignes mêlées",
        "((gap @ H) * gap)",
        "(gap @ H @ gap.T)",
        1,
        "les lignes se mélangent : seule compte la diagonale",
    ),
    Wrong(
        "q2",
        "norme sur le mauvais axe",
        "sum(0)",
        "sum(1)",
        0,
        "la norme est prise par exemple, et non par entrée : c'est l'autre axe",
    ),
    Wrong("q2", "racine oubliée", ".sqrt()", "", 1, "il manque la racine carrée de la norme"),
    Wrong(
        "q2",
        "valeur absolue oubliée",
        "W.abs()",
        "W",
        0,
        "des scores sont négatifs : il manque la valeur absolue du poids",
    ),
    Wrong("q2", "moyenne des carrés", "sum(0)", "mean(0)", 2, "vous faites la moyenne des carrés"),
    Wrong(
        "q3",
        "dans toute la couche",
        "",
        ALL_THE_LAYER,
        0,
        "vous comparez les scores de toute la couche : Wanda les compare dans chaque ligne",
    ),
    Wrong(
        "q3",
        "nombre retiré au lieu d'être gardé",
        "scores.shape[1] - kept",
        "kept",
        0,
        "vous retirez ce nombre de poids au lieu de le garder",
    ),
    Wrong(
        "q3",
        "sélection inversée",
        "stable=True",
        "stable=True, descending=True",
        1,
        "vous gardez les plus petits scores",
    ),
    Wrong(
        "q3",
        "seuil large, à égalité",
        "",
        "return scores >= scores.sort(dim=1, descending=True).values[:, kept - 1, None]",
        0.5,
        "à égalité, votre seuil garde tous les ex æquo",
    ),
    Wrong(
        "q5",
        "compensation de mauvais signe",
        "w - w[q]",
        "w + w[q]",
        2,
        "la compensation a le mauvais signe",
    ),
    Wrong(
        "q5",
        "diagonale de H, et non de l'inverse",
        "column = C[:, q] / C[q, q]",
        "column = C[:, q] / torch.linalg.inv(C)[q, q]",
        1,
        "le dénominateur est la diagonale de l'inverse, C_qq : vous prenez celle de H",
    ),
    Wrong(
        "q5",
        "inverse seulement effacé",
        "left = C - torch.outer(column, C[q])",
        "left = C.clone()",
        2,
        "le bloc de l'inverse n'est pas l'inverse du bloc",
    ),
    Wrong(
        "q5",
        "poids écrasés",
        "moved = w - w[q] * column",
        "moved = w.sub_(w[q] * column)",
        2.5,
        "vous changez w ou C",
    ),
    Wrong(
        "q6",
        "inverse jamais restreint",
        "w, C = remove_weight(w, C, q)",
        NEVER_RESTRICTED,
        0.5,
        "votre inverse n'est pas restreint après chaque retrait : des poids retirés renaissent",
    ),
    Wrong(
        "q6",
        "inverse jamais restreint, poids remis à zéro",
        "",
        RESET_AT_THE_END,
        1,
        "n'est pas restreint après chaque retrait, et vous remettez à zéro à la fin",
    ),
    Wrong(
        "q6",
        "diagonale de H, et non de l'inverse",
        "w**2 / (2 * C.diagonal())",
        "w**2 * H.diagonal()",
        2,
        "vous choisissez d'après la diagonale de H : c'est OBD",
    ),
    Wrong(
        "q6",
        "amortissement oublié",
        "damping * H.diagonal().mean()",
        "0.0",
        2.5,
        "H ne s'inverse plus : il manque l'amortissement",
    ),
    Wrong(
        "q6",
        "coûts jamais recalculés",
        "",
        COSTS_OF_THE_START,
        2,
        "vous ne recalculez pas les coûts après chaque retrait",
    ),
    Wrong(
        "q7",
        "calibration sur les mots d'essai",
        "parts.train",
        "parts.test",
        1,
        "vous calibrez sur les mots d'essai (test) : ils ne servent qu'à la mesure finale",
    ),
    Wrong(
        "q7",
        "premiers de la liste",
        "",
        "return list(parts.train[:count])",
        0.5,
        "ce n'est pas un tirage : vous prenez un bout de la liste",
    ),
    Wrong(
        "q7",
        "tirage avec remise",
        "",
        "generator = torch.Generator().manual_seed(seed)\n"
        "places = torch.randint(len(parts.train), (count,), generator=generator)\n"
        "return [parts.train[i] for i in places.tolist()]",
        1,
        "vous tirez plusieurs fois le même mot",
    ),
    Wrong(
        "q8",
        "masques non tenus",
        ", masks=pruned.masks",
        "",
        0,
        "poids non nuls ; attendu 30 000 au plus",
    ),
    Wrong(
        "q8",
        "magnitude, sans réentraînement",
        "",
        BY_MAGNITUDE,
        1,
        "moins de 4,000 bits par lettre sur le test : mesuré",
    ),
    Wrong("q8", "pas un modèle", "", 'best = "le mien"', 0, "reçu un objet de type str"),
]
