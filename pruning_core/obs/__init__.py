"""Optimal Brain Surgeon : supprimer des poids et ajuster ceux qui restent (leçon 8.1.3).

À lire dans l'ordre de la leçon, dont les équations gardent ici leur nom :

1. `algebra` : sur une courbure donnée, la saillance et le déplacement d'un poids (`eq-obs`), la
   compensation de plusieurs (`eq-jointe`), le retrait d'un seul (`eq-retrait`) ;
2. `one_by_one` : un poids à la fois, sur la courbure complète d'un petit réseau ;
3. `neurons` : un bloc de courbure par neurone (`eq-bloc`), à petits pas ; pour un vrai réseau ;
4. `layers` : couche par couche, sans lire la perte (`eq-couche`) ;
5. `blocks` : des blocs de variables consécutives, ou la courbure entière.

`neurons` et `blocks` partagent `path`, la boucle « noter, choisir, compenser, recommencer », et
`rows`, une étape de cette boucle, ligne par ligne. `layers` passe une fois par toutes les couches
(`traversal`, `lockstep`) et élague chacune (`one_layer`) : ses lignes partagent leur courbure, donc
le choix (`choosing`, ou `left_to_right`) et l'ajustement (`adjusting`) les prennent ensemble.
"""
