"""Les erreurs typiques du TP 2, OBD et OBS : points gardés, et ce qu'en dit le retour."""

from tests.classroom.trial import Wrong

SINGLE_STEPS_ADDED = """
steps = [obs_step(w, H, q) - w for q in removed]
return w + sum(steps)
"""
SAME_WEIGHT_AGAIN = """
removed, current = [], w.clone()
for _ in range(count):
    removed.append(int(obs(current, H).argmin()))
    current = obs_step(current, H, removed[-1])
return removed, current
"""
WHOLE_HESSIAN = """
removed, current = [], w.clone()
for _ in range(count):
    scores = obs(current, H)
    scores[removed] = float("inf")
    removed.append(int(scores.argmin()))
    current = obs_step(current, H, removed[-1])
current[removed] = 0
return removed, current
"""
SCORES_OF_THE_START = """
removed = obs(w, H).argsort()[:count].tolist()
return removed, remove_set(w, H, removed)
"""

WRONG = [
    Wrong(
        "q1",
        "moyenne oubliée",
        " / len(X)",
        "",
        1,
        "il manque la moyenne sur les N exemples",
    ),
    Wrong(
        "q1",
        "facteur 2",
        "X.T @ X",
        "2 * X.T @ X",
        1,
        "il y a un facteur 2 de trop : la perte a un facteur 1/2",
    ),
    Wrong("q2", "division oubliée", " / h**2", "", 0.5, "il manque la division par h²"),
    Wrong("q2", "w changé", "step = torch.zeros_like(w)", "step = w", 0, "ce n'est pas"),
    Wrong(
        "q3",
        "formule inversée, celle du chapitre",
        "",
        "return w**2 / (2 * H.diagonal())",
        0,
        "la formule est inversée, w²/(2H) : elle retire d'abord les poids de plus forte courbure",
    ),
    Wrong("q3", "facteur oublié", "0.5 * ", "", 1, "il manque le facteur 1/2"),
    Wrong(
        "q5",
        "score d'OBD",
        "",
        "return w**2 * H.diagonal() / 2",
        0.5,
        "c'est le score d'OBD : l'inverse de la diagonale n'est pas la diagonale de l'inverse",
    ),
    Wrong(
        "q6",
        "compensation oubliée",
        "",
        "moved = w.clone()\nmoved[q] = 0\nreturn moved",
        1.5,
        "seul le poids retiré change : il manque la compensation des autres",
    ),
    Wrong(
        "q6",
        "compensation de mauvais signe",
        "w - w[q]",
        "w + w[q]",
        1.5,
        "la compensation a le mauvais signe",
    ),
    Wrong(
        "q7",
        "corrections additionnées",
        "",
        SINGLE_STEPS_ADDED,
        0,
        "vous additionnez des corrections calculées séparément",
    ),
    Wrong(
        "q7",
        "compensation oubliée",
        "w[kept] + shift",
        "w[kept]",
        1,
        "les poids gardés ne bougent pas : il manque la compensation",
    ),
    Wrong(
        "q8",
        "le même poids, encore",
        "",
        SAME_WEIGHT_AGAIN,
        0,
        "vous retirez plusieurs fois le même poids : nul, il a le plus petit score",
    ),
    Wrong(
        "q8",
        "scores jamais recalculés",
        "",
        SCORES_OF_THE_START,
        2,
        "vous ne recalculez pas les scores après chaque retrait",
    ),
    Wrong("q1", "diagonale seule", "", "return (X**2).mean(0).diag()", 1, "que la diagonale"),
    Wrong("q1", "rien n'est rendu", "return X.T", "X.T", 0, "ne rend rien (None)"),
    Wrong(
        "q2",
        "tous les poids déplacés",
        "step[i] = h",
        "step[:] = h",
        0.5,
        "vous déplacez tous les poids, et non le seul w_i",
    ),
    Wrong(
        "q2",
        "dérivée exacte",
        "",
        "return exact_hessian(loss, w)[i, i]",
        0.5,
        "c'est la dérivée seconde exacte, et non le quotient",
    ),
    Wrong("q5", "signe", "return w**2", "return -(w**2)", 0, "un coût n'est pas négatif"),
    Wrong(
        "q6",
        "division par Hqq",
        "w[q] / inverse[q, q]",
        "w[q] / H[q, q]",
        1.5,
        "se lit dans l'inverse de H ; vous le lisez dans H",
    ),
    Wrong(
        "q7",
        "retirés pas à zéro",
        "moved = torch.zeros_like(w)",
        "moved = w.clone()",
        2,
        "2 ne le sont pas : mettez-les à zéro",
    ),
    Wrong("q7", "gardés seulement", "return moved", "return moved[kept]", 0, "[2] ; attendu [4]"),
    Wrong(
        "q8",
        "hessienne jamais réduite",
        "",
        WHOLE_HESSIAN,
        1,
        "vous gardez la hessienne entière : à chaque étape, prenez le bloc",
    ),
    Wrong(
        "q8",
        "bloc de l'inverse",
        "scores = obs(current[kept], H[kept][:, kept])",
        "scores = current[kept] ** 2 / torch.linalg.inv(H).diagonal()[kept]",
        2,
        "dans l'inverse du bloc de H, et non dans le bloc de l'inverse",
    ),
    Wrong(
        "q8",
        "indices du bloc",
        "return removed, current",
        "return [q - sum(p < q for p in removed[:k]) for k, q in enumerate(removed)], current",
        1,
        "vos indices sont ceux du bloc, et non ceux de w",
    ),
    Wrong("q8", "à l'envers", "removed, current\n", "current, removed\n", 0, "rendez d'abord les"),
]
