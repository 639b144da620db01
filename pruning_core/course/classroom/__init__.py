"""La classe : distribuer les travaux pratiques, et corriger ce que l'on rend.

Le chemin d'un rendu, un module par étape :

1. `preparing` tire de chaque source le sujet à distribuer, sans solution, et le corrigé ;
2. `mending` répare le carnet rendu : une cellule copiée ou effacée n'en fait pas un zéro ;
3. `marking` le note, écrit le retour à l'étudiant et le tableau de la classe ;
4. `ranking` classe les défis, en mesurant de nouveau chaque réseau.

`folders` dit où est chaque chose, et `grader` règle nbgrader, qui fait le gros du travail.
Rien n'est importé d'ici par les carnets : leurs tests cachés s'écrivent avec
`pruning_core.course.exercises.points`.
"""

from pruning_core.course.classroom.folders import Classroom, ClassroomError

__all__ = ["Classroom", "ClassroomError"]
