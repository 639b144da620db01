"""La courbure de la perte par rapport aux poids (leçon 8.1.3).

L est la perte moyenne sur les N exemples, f(x_i) la sortie, J_i sa jacobienne par rapport aux
poids, Λ_i la hessienne de la perte par rapport à la sortie. `losses` dit ce qu'elles sont quand la
perte d'un lot a son propre dénominateur (poids de classes, cibles ignorées).

- Gauss-Newton généralisée (GGN, `eq-ggn`) : (1/N) Σ_i J_iᵀ Λ_i J_i, semi-définie positive ; pour
  l'entropie croisée Λ_i = diag(p_i) − p_i p_iᵀ, et c'est aussi l'information de Fisher.
- Fisher échantillonnée (`sampled`) : la GGN, estimée sans biais d'après quelques tirages.
- Fisher empirique : (1/N) Σ_i g_i g_iᵀ, g_i le gradient de l'exemple i.
- Hessienne exacte : ∇²L, qui peut être indéfinie (`hessian`).

Les trois premières sont des sommes de carrés de J_iᵀ v, à lire ainsi :

1. `losses` : les vecteurs v, qui ne dépendent que de la perte ; `loss_checks` la vérifie,
   `loss_curvature` en reconnaît la forme, `output_roots` en tire les v ;
2. `recording` : ce qui entre dans chaque couche, et ce qui en revient ; `layer_calls` dit
   quelles couches se lisent ainsi, `convolutions` voit une convolution comme une couche linéaire ;
3. `verifying` : les poids dont cela suffit à former les gradients, vérifiés sur chaque lot ;
4. `one_by_one` : pour les autres, chaque exemple lu seul, par `vectorized` (`torch.func`) ou par
   autograd, vérifié aussi ; `differentiating` dit ce que les arrondis pardonnent ;
5. `per_example` : J_iᵀ v pour chaque exemple, le parcours commun ;
6. `diagonals`, `matrices`, `neurons` : ce que l'on en somme ; `flattening` met des poids à plat,
   `by_name` choisit une courbure par son nom.
"""
