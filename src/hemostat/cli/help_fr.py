"""French for the help pages: each English text of a command or option, and the library's own words."""

from __future__ import annotations

LIBRARY_FR: dict[str, str] = {
    "Options": "Options",
    "Commands": "Commandes",
    "COMMAND": "COMMANDE",
    "ARGS": "ARGUMENTS",
    "TEXT": "TEXTE",
    "PATH": "CHEMIN",
    "INTEGER": "ENTIER",
    "RANGE": "BORNÉ",
    "FILE": "FICHIER",
    "EVIDENCE": "PIÈCE",
    "COLUMN": "COLONNE",
    "CATEGORY": "CATÉGORIE",
    "NUMBER": "NUMÉRO",
    "NAME": "NOM",
    "WHAT": "QUOI",
    "default": "défaut",
    "required": "obligatoire",
    "Show this message and exit.": "Affiche cette page.",
    "Show the version and exit.": "Affiche la version.",
}

HELP_FR: dict[str, str] = {
    "Say what would leak from files, folders or databases, worst first, and what to do. Nothing is kept.": (
        "Dit ce qui fuirait de fichiers, de dossiers ou de bases, le pire d'abord, et que faire. Rien n'est gardé."
    ),
    "End with code 1 if this category, or any of this group (such as remarks), is found.": (
        "Finit avec le code 1 si cette catégorie, ou une de ce groupe (comme remarks), est trouvée."
    ),
    "Default: by the name of --out, else text.": "Par défaut d'après le nom donné à --out, sinon text.",
    "Folder of a named-entity model (ONNX) asked beside the rules; none by default.": (
        "Dossier d'un modèle d'entités nommées (ONNX) consulté à côté des règles ; aucun par défaut."
    ),
    "Where the report is written; default: here.": "Où le rapport est écrit ; ici par défaut.",
    "Also write the page for the staff who write remarks (HTML).": (
        "Écrit aussi la page destinée à ceux qui rédigent des remarques (HTML)."
    ),
    "Say which data stand where in FILE, or in what comes from standard input: one JSON object a line.": (
        "Dit quelles données se trouvent où dans FICHIER, ou dans ce qui vient de l'entrée standard : "
        "un objet JSON par ligne."
    ),
    "What the file is; default: by its name, else text.": "Nature du fichier ; par défaut d'après son nom, sinon text.",
    "Field of the JSON lines that holds the text; default: text.": (
        "Champ des lignes JSON qui contient le texte ; text par défaut."
    ),
    "Where the spans are written; default: here.": "Où les passages sont écrits ; ici par défaut.",
    "From a leak of health data to the exact people, what of each is exposed, and how we know.": (
        "D'une fuite de données de santé à la liste exacte des personnes, à ce qui est exposé de chacune, "
        "et à la preuve."
    ),
    "Language; default from the locale, else French.": "Langue ; par défaut celle du système, sinon le français.",
    "Say nothing but results and errors.": "Ne dit que les résultats et les erreurs.",
    "Passwords of archives and documents, one a line, tried in turn; kept in the case.": (
        "Mots de passe des archives et documents, un par ligne, essayés tour à tour ; gardés dans l'affaire."
    ),
    "Password of the databases, on the first line of a file; kept nowhere.": (
        "Mot de passe des bases de données, sur la première ligne d'un fichier ; gardé nulle part."
    ),
    "Raise a limit against hostile archives, for evidence known to be honest, such as ratio=2000.": (
        "Relève une limite contre les archives hostiles, pour une pièce reconnue honnête, par exemple ratio=2000."
    ),
    "Where the key of the case lies.": "Où se trouve la clé de l'affaire.",
    "Name of the controller (GDPR art. 4(7)).": "Nom du responsable du traitement (RGPD, art. 4(7)).",
    "When the first signal came, with its offset.": "Quand le premier signal est venu, avec son décalage horaire.",
    "When the controller became aware (art. 33), with its offset.": (
        "Quand le responsable a pris connaissance de la violation (art. 33), avec son décalage horaire."
    ),
    "Confirm, name or reject a site that was found; or name the site of a whole piece of evidence.": (
        "Confirme, nomme ou rejette un site trouvé ; ou nomme le site d'une pièce entière."
    ),
    "Its name; without this option and --none, the name shown is confirmed.": (
        "Son nom ; sans cette option ni --none, le nom affiché est confirmé."
    ),
    "The history of the patient file (versions, log of changes, dated copies): it tells when the dump was taken.": (
        "L'historique du fichier patients (versions, journal des changements, copies datées) : il dit quand "
        "l'extraction a été faite."
    ),
    "The leaked evidence is a sample that was shown, not the whole leak.": (
        "La pièce est un échantillon montré, pas toute la fuite."
    ),
    "Say that it is no site of its own.": "Dit que ce n'est pas un site à part.",
    "Heading of the column that names the tenant (site, practice).": (
        "Intitulé de la colonne qui nomme le site ou le cabinet."
    ),
    "What somebody says the leak holds.": "Ce que quelqu'un annonce dans la fuite.",
    "What the claim counts.": "Ce que l'annonce compte : personnes, lignes ou octets.",
    "Who says so.": "Qui le dit.",
    "When they said so; now if not given.": "Quand ils l'ont dit ; maintenant, à défaut.",
    "Accounts in scope, separated by commas; NAME=FROM/TO for a window of its own.": (
        "Comptes en cause, séparés par des virgules ; NOM=DÉBUT/FIN pour une période propre."
    ),
    "Start of the window, with its offset.": "Début de la période, avec son décalage horaire.",
    "End of the window, with its offset.": "Fin de la période, avec son décalage horaire.",
    "Zone of log times without an offset, such as Europe/Paris.": (
        "Fuseau des heures de journal sans décalage, par exemple Europe/Paris."
    ),
    "Mapping of log fields, paths and screens (TOML).": (
        "Table de correspondance des champs, chemins et écrans du journal (TOML)."
    ),
    "Where the evidence comes from.": "D'où vient la pièce.",
    "Why it is held.": "Pourquoi elle est détenue.",
    "On which legal basis.": "Sur quelle base légale.",
    "Leave the evidence where it is instead of sealing a copy.": (
        "Laisse la pièce où elle est, au lieu d'en sceller une copie."
    ),
    "Second custodian of the key: an age recipient (age1…).": (
        "Second dépositaire de la clé : un destinataire age (age1…)."
    ),
    "Second custodian of the key: a passphrase to print.": (
        "Second dépositaire de la clé : une phrase de passe à imprimer."
    ),
    "Folder of the case; default: named after the evidence.": (
        "Dossier de l'affaire ; par défaut, nommé d'après la pièce."
    ),
    "The controller's own patient file.": "Le fichier patients du responsable lui-même.",
    "Two leaks on the same people: what the combination newly reveals. Counts only.": "Deux fuites sur les mêmes "
    "personnes : ce que leur rapprochement révèle de plus. Des comptes seulement.",
    "Key of each case after the first, in their order.": "Clé de chaque affaire après la première, dans l'ordre.",
    "Across controllers: on whose mandate, and why; recorded in every case.": "Entre responsables de traitement : sur "
    "quel mandat et pourquoi ; inscrit dans chaque affaire.",
    "Where to write the counts (JSON).": "Où écrire les comptes (JSON).",
    "An earlier leak, or its fingerprints: what was already in it is told, and never counted.": "Une fuite antérieure, "
    "ou ses empreintes : ce qui y était déjà est signalé, et jamais compté.",
    "An access log, as evidence of exposure.": "Un journal d'accès, comme preuve d'exposition.",
    "The main job: open a case, take the evidence, analyse it, report. Run again, it goes on where it stopped.": (
        "Le travail principal : ouvre une affaire, prend les pièces, les analyse, fait le rapport. "
        "Relancée, la commande reprend où elle s'était arrêtée."
    ),
    "Open a case, with or without evidence; or add facts and recovery copies to one.": (
        "Ouvre une affaire, avec ou sans pièce ; ou y ajoute des faits et des copies de secours."
    ),
    "Add evidence, facts or claims to a case. The same evidence added twice counts once.": (
        "Ajoute des pièces, des faits ou des annonces. Une pièce donnée deux fois compte une fois."
    ),
    "What the evidence is to the case.": "Ce que la pièce est pour l'affaire : fuite, fichier patients ou journal.",
    "Read, recognise, tell people apart. Run again, it goes on where it stopped.": (
        "Lit, reconnaît, distingue les personnes. Relancée, la commande reprend où elle s'était arrêtée."
    ),
    "Write the report and summary.json.": "Écrit le rapport et summary.json.",
    "Show whole NIRs, masked otherwise.": "Montre les NIR entiers, masqués sinon.",
    "Write a table of the case in clear: records, persons, exposures, findings, quarantine, review, ledger.": (
        "Écrit en clair une table de l'affaire : records (lignes), persons (personnes), exposures (expositions), "
        "findings (colonnes), quarantine (quarantaine), review (liens à revoir), ledger (grand livre)."
    ),
    "Record a human decision: a fact that every new analysis keeps.": (
        "Inscrit une décision humaine : un fait que chaque nouvelle analyse respecte."
    ),
    "The reason.": "La raison.",
    'Say which category a column holds; "none" when it holds nothing of a person.': (
        "Dit quelle catégorie une colonne contient ; « none » quand elle n'a rien d'une personne."
    ),
    "When it happened, with its offset.": "Quand c'est arrivé, avec son décalage horaire.",
    "What there is to say of it.": "Ce qu'il y a à en dire.",
    "Say that two records are of one person; both are named as the exports records and review name them.": (
        "Dit que deux enregistrements sont d'une même personne ; nommés comme dans les exports records et review."
    ),
    "Say that two records are of two people (twins, homonyms); named as the exports records and review name them.": (
        "Dit que deux enregistrements sont de deux personnes (jumeaux, homonymes) ; "
        "nommés comme dans les exports records et review."
    ),
    "Say what became of a claim.": "Dit ce qu'une annonce est devenue.",
    "Where the key file is written.": "Où écrire le fichier de clé.",
    "File of the custodian's age identity or passphrase; else asked for.": (
        "Fichier de l'identité age ou de la phrase du dépositaire ; demandée sinon."
    ),
    "Make the key file again from a recovery copy and the second custodian's secret.": (
        "Refait le fichier de clé à partir d'une copie de secours et du secret du second dépositaire."
    ),
    "End the case: destroy its key and content, list what the program cannot destroy.": (
        "Clôt l'affaire : détruit sa clé et son contenu, dit ce que le programme ne peut pas détruire."
    ),
    "Distinct genuine people; default: the story's.": "Personnes véritables distinctes ; par défaut, celles du récit.",
    "Number from which the fiction is drawn: the same number, the same fiction.": (
        "Nombre d'où la fiction est tirée : même nombre, même fiction."
    ),
    "Where it is written.": "Où écrire.",
    "Which story.": "Quel récit.",
    "Write a fictitious leak and its truth. Nobody in it exists.": (
        "Écrit une fuite fictive et sa vérité. Personne n'y existe."
    ),
    "Make a fictitious leak and run the whole response on it.": (
        "Fabrique une fuite fictive et y mène toute la réponse."
    ),
}
