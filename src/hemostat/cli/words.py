"""The short sentences of the command line, one table per language."""

from __future__ import annotations

import locale
import os

_FR = {
    "lang": "fr",
    "see_help": "Voir « {page} --help ».",
    "among": " : choisissez parmi {choices}",
    "at_least": " : pas moins de {least}",
    "no_such_option": "L'option {name} n'existe pas.",
    "missing": "Il manque {name}.",
    "bad_value": "La valeur donnée pour {name} ne convient pas{wanted}.",
    "no_such_command": "La commande « {name} » n'existe pas. Voir « {help} ».",
    "bad_command": "La ligne de commande n'est pas comprise.",
    "interrupted": "Interrompu. La même commande reprend là où elle s'est arrêtée.",
    "disk_full": "Le disque est plein : faites de la place, puis relancez la même commande.",
    "memory": "La mémoire manque : fermez d'autres programmes, puis relancez la même commande.",
    "own_fault": "Le programme a un défaut (référence {reference}). Rien de ce qui était acquis n'est perdu ; "
    "relancez la commande, et signalez cette référence.",
    "no_offset": "« {value} » n'est pas un instant complet : donnez date, heure et décalage, "
    "par exemple 2025-11-28T15:20+01:00.",
    "claim_event_kept": "Inscrit pour l'annonce {number} : {event}, {at}.",
    "to_analyse": "Pour en tenir compte : hemostat analyse {path}, puis hemostat report {path}.",
    "claim_pair": "Une annonce se donne avec --claim, --claim-unit et --claimed-by ensemble.",
    "claim_kept": "Annonce {number} inscrite, à part de ce qui est trouvé.",
    "case_at": "Affaire : {path}",
    "key_at": "Clé : {path} (à garder ailleurs que l'affaire ; sans elle, rien ne se lit)",
    "passphrase": "Phrase de secours, à imprimer et à mettre sous clé chez un second dépositaire : {words}",
    "offer_recovery": "Conseil : confiez une copie de secours de la clé à un second dépositaire :\n"
    "  hemostat open {path} --recovery-passphrase",
    "database_password": "Mot de passe de la base (rien : aucun)",
    "passwords_kept": "Mots de passe nouveaux : {number}, gardés chiffrés dans l'affaire.",
    "report_at": "Rapport : {path}",
    "exported": "{what} : écrit en clair dans {path}. Ce fichier sera cité à la clôture.",
    "added": "{name} : pris sous garde ({bytes} octets, SHA-256 {sha}…)",
    "aside": "{name} : cité, mais pas pris (lien, périphérique ou accès refusé)",
    "known": "{name} : déjà dans l'affaire, compté une fois",
    "decided": "Décision {number} inscrite ; elle vaut dès la prochaine analyse.",
    "demo_making": "Fuite fictive « {story} » : {people} personnes inventées (graine {seed}).",
    "demo_source": "fiction écrite par hemostat simulate",
    "demo_reason": "démonstration",
    "demo_truth": "Vérité de la fiction : {identities} identités dans les fichiers, "
    "dont {genuine} personnes véritables.",
    "field_of_text": "--text-field ne vaut que pour des lignes JSON : ajoutez --format jsonl.",
    "out_is_in": "--out désigne le fichier lu : donnez un autre nom.",
    "no_line_read": "Aucune ligne n'a pu être lue ({unread} sur {lines}) : il faut un objet JSON par ligne, "
    "avec son texte dans le champ text ou celui de --text-field.",
    "lines_unread": "{unread} lignes sur {lines} n'ont pas pu être lues (lignes {where}) : "
    "JSON incorrect ou sans texte. Les autres sont faites.",
    "simulated": "Fuite fictive écrite dans {path} (vérité dans {path}/truth).",
    "unknown_story": "Il n'y a pas d'histoire « {story} » : choisissez parmi {names}.",
    "not_demo": "Le dossier {path} contient autre chose qu'une démonstration : donnez un autre --out.",
    "recovered": "Clé rétablie dans {path}. Donnez-la aux commandes : hemostat --key-file {path} …",
    "recovery_kept": "Copie de secours ajoutée à l'affaire.",
    "confirm_close": "Clore détruit la clé et le contenu de l'affaire, pour toujours. Continuer ?",
    "closed": "Affaire close. Son contenu est détruit ; le rapport et closed.json restent.",
    "cannot_destroy": "À détruire par vos soins, le programme ne le peut pas :",
    "key_destroyed": "La clé de l'affaire est détruite.",
    "remains.original": "original : {place}",
    "remains.export": "export en clair : {place}",
    "remains.recovery": "copie de secours : {place}, où qu'elle ait été copiée",
    "remains.key": "clé : {place} (fichier que le programme n'a pas fait pour cette seule affaire ; "
    "à détruire vous-même s'il ne sert à rien d'autre)",
    "step.custody": "Mise sous garde",
    "step.read": "Lecture",
    "step.detect": "Reconnaissance des données",
    "log_scope": "Comptes choisis : {seen} patients vus, {listed} de plus dans des listes de résultats, "
    "{possible} peut-être vus, {counted} comptés sans être nommés ; hors périmètre : {failed} accès refusés, "
    "{outside} hors période, {twin} notés deux fois.",
    "log_at_least": "Au moins : {unread} entrées illisibles, {gaps} trous dans les journaux, "
    "{unknown_screens} accès à des écrans inconnus (bandeau d'identité seul compté).",
    "log_same_session": "{same_session} accès hors période sont de sessions vues dans la période : "
    "vérifiez --from et --to.",
    "log_choose": "Journaux lus. Choisissez les comptes avec --accounts ; faits par compte :",
    "log_account": "  {account} : {patients} patients, {entries} accès ; {reasons}",
    "log_no_fact": "rien de notable",
    "step.watch": "Lecture des accès",
    "step.resolve": "Distinction des personnes",
    "step.match": "Rapprochement avec le fichier patients",
    "step.expose": "Expositions",
    "combine_both": "{n} personnes sont dans les deux affaires ({first} et {second}).",
    "combine_category": "  {label} : {only_first} par la première seule, {only_second} par la seconde seule, "
    "{both} par les deux",
    "combine_scam": "  Escroquerie rendue possible par le rapprochement, pour {n} personnes : {scam}",
    "step.file": "Fichier patients",
    "step.sites": "Sites",
    "step.dated": "Date de l'extraction",
    "step.standing": "Lignes authentiques, douteuses, fabriquées ou recyclées",
    "step.assess": "Gravité",
    "step.letters": "Lettres",
    "step.paper": "Courriers",
    "step.send": "Envoi",
    "step.tenants": "Responsables",
    "step.report": "Rapport",
    "step.simulate": "Fabrication de la fiction",
}

_EN = {
    "lang": "en",
    "see_help": 'See "{page} --help".',
    "among": ": choose among {choices}",
    "at_least": ": no less than {least}",
    "no_such_option": "There is no option {name}.",
    "missing": "{name} is missing.",
    "bad_value": "The value given for {name} will not do{wanted}.",
    "no_such_command": 'There is no command "{name}". See "{help}".',
    "bad_command": "The command line is not understood.",
    "interrupted": "Interrupted. The same command goes on where it stopped.",
    "disk_full": "The disk is full: make room, then run the same command again.",
    "memory": "Memory ran out: close other programs, then run the same command again.",
    "own_fault": "The program has a fault (reference {reference}). Nothing that was kept is lost; "
    "run the command again, and report this reference.",
    "no_offset": '"{value}" is not a complete instant: give date, time and offset, '
    "for example 2025-11-28T15:20+01:00.",
    "claim_event_kept": "Recorded for claim {number}: {event}, {at}.",
    "to_analyse": "To take it into account: hemostat analyse {path}, then hemostat report {path}.",
    "claim_pair": "A claim is given with --claim, --claim-unit and --claimed-by together.",
    "claim_kept": "Claim {number} recorded, apart from what is found.",
    "case_at": "Case: {path}",
    "key_at": "Key: {path} (keep it away from the case; without it nothing can be read)",
    "passphrase": "Recovery passphrase, to print and lock away with a second custodian: {words}",
    "offer_recovery": "Advice: give a second custodian a recovery copy of the key:\n"
    "  hemostat open {path} --recovery-passphrase",
    "database_password": "Password of the database (nothing: none)",
    "passwords_kept": "New passwords: {number}, kept encrypted in the case.",
    "report_at": "Report: {path}",
    "exported": "{what}: written in clear to {path}. Closing will list this file.",
    "added": "{name}: taken into custody ({bytes} bytes, SHA-256 {sha}…)",
    "aside": "{name}: listed, but not taken (link, device or no permission)",
    "known": "{name}: already in the case, counted once",
    "decided": "Decision {number} recorded; the next analysis obeys it.",
    "demo_making": 'Fictitious leak "{story}": {people} invented people (seed {seed}).',
    "demo_source": "fiction written by hemostat simulate",
    "demo_reason": "demonstration",
    "demo_truth": "Truth of the fiction: {identities} identities in the files, {genuine} of them genuine people.",
    "field_of_text": "--text-field goes with JSON lines: add --format jsonl.",
    "out_is_in": "--out is the file that is read: give another name.",
    "no_line_read": "No line could be read ({unread} of {lines}): one JSON object a line is needed, "
    "with its text in the field text or the one given as --text-field.",
    "lines_unread": "{unread} lines of {lines} could not be read (lines {where}): "
    "wrong JSON or no text. The others are done.",
    "simulated": "Fictitious leak written to {path} (truth in {path}/truth).",
    "unknown_story": 'There is no story "{story}": choose among {names}.',
    "not_demo": "The folder {path} holds something else than a demo: give another --out.",
    "recovered": "Key restored to {path}. Give it to the commands: hemostat --key-file {path} …",
    "recovery_kept": "Recovery copy added to the case.",
    "confirm_close": "Closing destroys the key and the content of the case, for ever. Go on?",
    "closed": "Case closed. Its content is destroyed; the report and closed.json stay.",
    "cannot_destroy": "To be destroyed by you, the program cannot:",
    "key_destroyed": "The key of the case is destroyed.",
    "remains.original": "original: {place}",
    "remains.export": "export in clear: {place}",
    "remains.recovery": "recovery copy: {place}, wherever it was copied to",
    "remains.key": "key: {place} (a file that the program did not make for this case alone; "
    "destroy it yourself if it serves nothing else)",
    "step.custody": "Custody",
    "step.read": "Reading",
    "step.detect": "Recognising data",
    "log_scope": "Chosen accounts: {seen} patients seen, {listed} more in lists of results, {possible} possibly seen, "
    "{counted} counted without a name; out of scope: {failed} refused accesses, {outside} outside the window, "
    "{twin} noted twice.",
    "log_at_least": "At least: {unread} unreadable entries, {gaps} gaps in the logs, "
    "{unknown_screens} accesses to unknown screens (identity banner alone counted).",
    "log_same_session": "{same_session} accesses outside the window are of sessions seen within it: "
    "check --from and --to.",
    "log_choose": "Logs read. Choose the accounts with --accounts; facts by account:",
    "log_account": "  {account}: {patients} patients, {entries} accesses; {reasons}",
    "log_no_fact": "nothing of note",
    "step.watch": "Reading the accesses",
    "step.resolve": "Telling people apart",
    "step.match": "Matching the patient file",
    "step.expose": "Exposures",
    "combine_both": "{n} people are in both cases ({first} and {second}).",
    "combine_category": "  {label}: {only_first} by the first alone, {only_second} by the second alone, {both} by both",
    "combine_scam": "  Scam that the combination makes possible, for {n} people: {scam}",
    "step.file": "Patient file",
    "step.sites": "Sites",
    "step.dated": "Day of the dump",
    "step.standing": "Genuine, doubtful, fabricated or recycled rows",
    "step.assess": "Severity",
    "step.letters": "Letters",
    "step.paper": "Letters on paper",
    "step.send": "Sending",
    "step.tenants": "Controllers",
    "step.report": "Report",
    "step.simulate": "Making the fiction",
}

TABLES = {"fr": _FR, "en": _EN}

_chosen = ["fr"]


def language_of_the_machine() -> str:
    """``en`` when the locale says English, French otherwise."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    said = next((name for name in names if name), locale.getlocale()[0] or "")
    return "en" if said.lower().startswith("en") else "fr"


def speak(lang: str) -> None:
    """Sets the language of this process."""
    _chosen[0] = lang


def say(key: str, **values: object) -> str:
    """A sentence in the language of this process."""
    return TABLES[_chosen[0]][key].format(**values)
