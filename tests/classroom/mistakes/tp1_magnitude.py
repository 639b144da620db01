"""Les erreurs typiques du TP 1, la magnitude : points gardés, et ce qu'en dit le retour."""

from tests.classroom.trial import Wrong

HELD = """            with torch.no_grad():
                for name, weight in prunable(model).items():
                    weight.mul_(masks[name])
"""
# Le même bloc, sorti des deux boucles.
ONLY_AT_THE_END = HELD.replace("\n        ", "\n").removeprefix(8 * " ")

# Juste aussi, mais les poids ne sont pas ceux du corrigé.
DECAY = HELD + '            optimizer.param_groups[0]["lr"] *= 0.9\n'

WRONG = [
    Wrong(
        "q1",
        "troncature",
        "math.floor(sparsity * n + 0.5)",
        "int(sparsity * n)",
        0,
        "100 poids, sparsité 0.29 : vous tronquez au lieu d'arrondir",
    ),
    Wrong(
        "q1",
        "round, qui va vers le pair",
        "math.floor(sparsity * n + 0.5)",
        "round(sparsity * n)",
        1,
        "10 poids, sparsité 0.25 : round arrondit les moitiés vers le nombre pair",
    ),
    Wrong(
        "q1",
        "réponse de bibliothèque",
        "return math",
        "from pruning_core import count_pruned\n    return count_pruned(n, sparsity)\n    math",
        1,
        "vous appelez count_pruned : c'est elle qu'il fallait écrire",
    ),
    Wrong(
        "q2",
        "sélection inversée",
        "argsort(stable=True)",
        "argsort(stable=True, descending=True)",
        2,
        "vous avez élagué les plus grands poids, ceux qu'il faut garder",
    ),
    Wrong(
        "q2",
        "seuil strict, à égalité",
        "",
        "return scores > scores.flatten().kthvalue(k).values",
        1.5,
        "à égalité, votre seuil retire tous les ex æquo (5 poids au lieu de 3)",
    ),
    Wrong(
        "q2",
        "k décalé d'un",
        "order[:k]",
        "order[: k + 1]",
        0.5,
        "vous retirez un poids de trop : k est décalé d'un",
    ),
    Wrong(
        "q3",
        "choix par le nom : BatchNorm élaguée",
        "",
        'return {n: p for n, p in model.named_parameters() if "weight" in n}',
        1,
        "vous prenez l'échelle d'une normalisation (BatchNorm, LayerNorm)",
    ),
    Wrong(
        "q3",
        "convolutions oubliées",
        "(nn.Linear, nn.Conv2d)",
        "nn.Linear",
        1,
        "il manque la convolution",
    ),
    Wrong(
        "q4",
        "poids comparés avec leur signe",
        ".detach().abs()",
        ".detach()",
        0.5,
        "vous classez les poids avec leur signe",
    ),
    Wrong(
        "q4",
        "sélection par couche",
        "",
        "return {\n    n: select(w.detach().abs(), how_many(w.numel(), sparsity))\n"
        "    for n, w in prunable(model).items()\n}",
        0.5,
        "chaque couche perd la même part : c'est la sélection par couche",
    ),
    Wrong(
        "q5",
        "masques à l'envers",
        "name: select",
        "name: ~select",
        0,
        "vos masques sont à l'envers : vrai veut dire gardé",
    ),
    Wrong(
        "q5",
        "une erreur Python",
        "w.detach().abs()",
        "w.numpy()",
        0,
        "votre code s'arrête sur une erreur, RuntimeError",
    ),
    Wrong(
        "q7",
        "masque non tenu",
        "",
        "pass",
        1,
        "le masque n'est pas tenu : les poids élagués renaissent au premier pas",
    ),
    Wrong(
        "q7",
        "masque remis à la fin seulement",
        HELD,
        ONLY_AT_THE_END,
        2,
        "vous ne remettez le masque qu'à la fin",
    ),
    Wrong(
        "q8",
        "biais oublié",
        "        twin[0].bias.mul_(factor)\n",
        "",
        1,
        "vous oubliez le biais de la première couche",
    ),
    Wrong(
        "q8",
        "original changé",
        "copy.deepcopy(model)",
        "model",
        1.5,
        "vous changez le réseau reçu, au lieu d'une copie",
    ),
    Wrong(
        "q1", "rien n'est rendu", "return math", "math", 0, "ne rend rien (None) : il manque return"
    ),
    Wrong(
        "q1",
        "poids gardés",
        "return math.floor(sparsity * n + 0.5)",
        "return n - math.floor(sparsity * n + 0.5)",
        0,
        "14 poids, sparsité 0.25 : vous comptez les poids gardés, et non les retirés",
    ),
    Wrong(
        "q2",
        "juste, par NumPy",
        "",
        "import numpy as np\nflat = scores.numpy().ravel()\n"
        "order = np.lexsort((np.arange(flat.size), flat))\n"
        "mask = np.ones(flat.size, dtype=bool)\nmask[order[:k]] = False\n"
        "return torch.from_numpy(mask.reshape(scores.shape))",
        4,
        "4 points sur 4",
    ),
    Wrong("q3", "rien", "(nn.Linear, nn.Conv2d)", "str", 0, "votre dictionnaire est vide"),
    Wrong(
        "q3",
        "une liste",
        "",
        "return [m.weight for m in model.modules() if isinstance(m, nn.Linear)]",
        0,
        "votre fonction doit rendre un dictionnaire ; reçu list",
    ),
    Wrong(
        "q3",
        "noms incomplets",
        'f"{name}.weight"',
        "name",
        1,
        "attendu corps.0.weight ; reçu corps.0, tête.0",
    ),
    Wrong(
        "q4",
        "seuil strict",
        "kept = select(scores, how_many(len(scores), sparsity))",
        "kept = scores > scores.quantile(sparsity)",
        0.5,
        "sparsité 0.0 : 0.weight : vous retirez 1 poids sur 20 ; attendu 0",
    ),
    Wrong(
        "q5",
        "par ligne",
        "select(w.detach().abs(), how_many(w.numel(), sparsity))",
        "torch.stack([select(r, how_many(len(r), sparsity)) for r in w.detach().abs()])",
        0,
        "vous retirez la même part de chaque ligne, et non de la couche",
    ),
    Wrong("q7", "juste, à pas décroissant", HELD, DECAY, 3, "3 points sur 3"),
    Wrong(
        "q7", "un seul pas", HELD, HELD + "            return\n", 2, "s'arrête après 1 pas sur 12"
    ),
    Wrong(
        "q7",
        "masque à l'envers",
        "weight.mul_(masks[name])",
        "weight.mul_(~masks[name])",
        0,
        "vous appliquez le masque à l'envers : vrai veut dire gardé",
    ),
    Wrong("q8", "rien n'est rendu", "return twin", "pass", 0, "reçu rien (None)"),
    Wrong("q8", "copie telle quelle", "", "return copy.deepcopy(model)", 0.5, "n'a pas changé"),
    Wrong(
        "q8",
        "facteur ignoré",
        "twin = copy",
        "factor = 10\n    twin = copy",
        1.5,
        "vous multipliez par 10, quel que soit factor",
    ),
]
