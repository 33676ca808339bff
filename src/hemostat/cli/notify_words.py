"""What the commands of ``notify`` say, one table per language, and the French of their help pages."""

FR: dict[str, str] = {
    "clock.waiting": "{name} : attend « {trigger} »",
    "clock.open": "{name} : sans délai chiffré, en cours depuis {elapsed}",
    "clock.running": "{name} : avant le {due} (reste {left})",
    "clock.soon": "{name} : avant le {due}, il ne reste que {left}",
    "clock.late": "{name} : EN RETARD de {left} (limite : {due})",
    "clock.done": "{name} : fait",
    "clock.done_late": "{name} : fait, avec {left} de retard : les motifs sont à donner",
    "clock.not_law": "{name} : pas en vigueur en France, pour information",
    "clock.note": "    lecture du règlement 1182/71 : {note} (à ne pas invoquer)",
    "clock.times": "Instants de l'affaire ({zone}) :",
    "clock.time": "  {name} : {at}  {why}",
    "clock.no_reason": "(sans motif : donnez-le avec clock --set)",
    "clock.order": "À revoir : {then} précède {first}.",
    "clock.kept": "Instant gardé.",
    "notice.at": "Notification écrite dans {folder} : {files}",
    "notice.no_pdf": "Sans la bibliothèque typst, pas de PDF : installez hemostat[letters].",
    "notice.sent": "Version {version} gardée comme envoyée ; la suivante dira ce qui change.",
    "severity.kept": "Décision {number} inscrite ; les gravités sont recalculées.",
    "register.at": "Registre écrit : {files}",
    "public.at": "Textes publics écrits : {files}",
    "complaint.at": "Dossier de plainte écrit : {files}",
    "letters.made": "{count} lettres faites et vérifiées : {email} courriels, {sms} SMS, {post} courriers, "
    "{human} à traiter par une personne.",
    "letters.warned": "  {rule} : {count} lettres, {what}",
    "letters.printed": "{made} lettres composées en PDF, gardées chiffrées dans l'affaire ; {already} l'étaient déjà.",
    "letters.unset": "{count} lettres portent un signe que les polices ne dessinent pas : elles partent en texte.",
    "letters.at": "Lettres écrites en clair dans {folder} ; ce dossier sera cité à la clôture.",
    "letters.templates": "Modèles écrits dans {folder} : à modifier, puis à donner avec --templates.",
    "letters.deceased": "personnes décédées, aucune lettre",
    "letters.call_first": "à appeler d'abord, avant tout écrit",
    "letters.minor_confidential": "mineurs aux soins peut-être confidentiels",
    "letters.remarks_not_reviewed": "notes personnelles à relire d'abord (--set remarks_reviewed=yes)",
    "letters.no_address": "notes personnelles, sans adresse postale",
    "letters.no_contact": "sans moyen de contact : avis public",
    "verify.words": "Cette lettre vient de nous. Les deux mots sont : {one}, {two}.",
    "send.folder": "{count} messages écrits dans {folder} ; rien n'est parti.",
    "send.lot": "Liste {name} écrite : {count} messages, dans {path}. Elle est en clair ; la clôture la citera.",
    "send.no_lot": "Personne n'est à joindre par cette voie pour l'instant.",
    "way.email": "courriel",
    "way.sms": "SMS",
    "way.post": "courrier",
    "send.queued": "à envoyer",
    "send.claimed": "en cours",
    "send.accepted": "pris par le relais",
    "send.refused": "refusés",
    "send.returned": "revenus",
    "send.unknown": "sort inconnu, jamais renvoyés sans votre mot",
    "send.whose": "  personne {person} : relisez le journal du relais, puis --settle {person} accepted ou queued",
    "send.which": "  liste {name} ({count} messages) : partie ou non ? Répondez par --settle {name} accepted ou queued",
    "register_left": "L'inscription au registre reste : {path}",
    "proof_left": "La preuve des envois reste, chiffrée : {path}",
    "proof_key": "Sa clé, à garder à part et à l'abri : {path}",
    "hold.kept": "Conservation notée.",
    "returns.read": "Retours lus : {hard} définitifs, {soft} passagers, {delayed} retards, {delivered} remises, "
    "{already} déjà lus.",
    "returns.not_ours": "  {count} ne sont pas de cette affaire",
    "returns.not_understood": "  {count} messages ne sont pas des avis de non-remise : à lire par une personne",
    "returns.next_email": "À joindre maintenant par courriel : {count}",
    "returns.next_sms": "À joindre maintenant par SMS (send --channel sms) : {count}",
    "returns.next_post": "À joindre maintenant par courrier (send --channel post) : {count}",
    "returns.next_none": "Plus aucune voie, avis public : {count}",
    "letters.together": "{count} personnes sont prévenues par le message d'une autre à la même adresse.",
    "tenants.made": "{made} dossiers faits, {already} déjà là ; {distinct} personnes distinctes, "
    "{summed} en sommant les responsables.",
    "pair": "« {value} » : écrivez CHAMP=VALEUR.",
}

EN: dict[str, str] = {
    "clock.waiting": '{name}: waits for "{trigger}"',
    "clock.open": "{name}: no figure in the law, running for {elapsed}",
    "clock.running": "{name}: before {due} ({left} left)",
    "clock.soon": "{name}: before {due}, only {left} left",
    "clock.late": "{name}: LATE by {left} (limit: {due})",
    "clock.done": "{name}: done",
    "clock.done_late": "{name}: done, {left} late: reasons must be given",
    "clock.not_law": "{name}: not in force in France, for information",
    "clock.note": "    reading of Regulation 1182/71: {note} (not to be relied on)",
    "clock.times": "Moments of the case ({zone}):",
    "clock.time": "  {name}: {at}  {why}",
    "clock.no_reason": "(no reason: give it with clock --set)",
    "clock.order": "To be looked at: {then} comes before {first}.",
    "clock.kept": "Moment kept.",
    "notice.at": "Notice written to {folder}: {files}",
    "notice.no_pdf": "Without the library typst there is no PDF: install hemostat[letters].",
    "notice.sent": "Version {version} kept as sent; the next one will say what changed.",
    "severity.kept": "Decision {number} recorded; severities are reckoned again.",
    "register.at": "Register written: {files}",
    "public.at": "Public texts written: {files}",
    "complaint.at": "Complaint file written: {files}",
    "letters.made": "{count} letters made and checked: {email} e-mails, {sms} SMS, {post} by post, "
    "{human} for a person to handle.",
    "letters.warned": "  {rule}: {count} letters, {what}",
    "letters.printed": "{made} letters set as PDF and kept encrypted in the case; {already} were there already.",
    "letters.unset": "{count} letters hold a sign that the fonts cannot draw: they go as text.",
    "letters.at": "Letters written in clear to {folder}; closing will list this folder.",
    "letters.templates": "Templates written to {folder}: change them, then give them with --templates.",
    "letters.deceased": "dead, no letter",
    "letters.call_first": "to be called first, before anything is written",
    "letters.minor_confidential": "minors whose care may be confidential",
    "letters.remarks_not_reviewed": "personal remarks to be reviewed first (--set remarks_reviewed=yes)",
    "letters.no_address": "personal remarks, without a postal address",
    "letters.no_contact": "no way to reach them: public notice",
    "verify.words": "This letter is ours. The two words are: {one}, {two}.",
    "send.folder": "{count} messages written to {folder}; nothing was sent.",
    "send.lot": "List {name} written: {count} messages, in {path}. It is in clear; closing will list it.",
    "send.no_lot": "Nobody is to be reached by this way for now.",
    "way.email": "e-mail",
    "way.sms": "SMS",
    "way.post": "post",
    "send.queued": "to be sent",
    "send.claimed": "under way",
    "send.accepted": "taken by the relay",
    "send.refused": "refused",
    "send.returned": "came back",
    "send.unknown": "outcome unknown, never sent again without your word",
    "send.whose": "  person {person}: read the relay's log, then --settle {person} accepted or queued",
    "send.which": "  list {name} ({count} messages): did it leave? Answer with --settle {name} accepted or queued",
    "register_left": "The register entry stays: {path}",
    "proof_left": "The proof of what was sent stays, encrypted: {path}",
    "proof_key": "Its key, to be kept apart and safe: {path}",
    "hold.kept": "Hold kept.",
    "returns.read": "Returns read: {hard} for good, {soft} for now, {delayed} delays, {delivered} deliveries, "
    "{already} read before.",
    "returns.not_ours": "  {count} are not of this case",
    "returns.not_understood": "  {count} messages are no reports of delivery: for a person to read",
    "returns.next_email": "To be told by e-mail now: {count}",
    "returns.next_sms": "To be told by SMS now (send --channel sms): {count}",
    "returns.next_post": "To be told by post now (send --channel post): {count}",
    "returns.next_none": "No way is left, public notice: {count}",
    "letters.together": "{count} people are told by the message of somebody at the same address.",
    "tenants.made": "{made} files made, {already} already there; {distinct} distinct people, "
    "{summed} when controllers are summed.",
    "pair": '"{value}": write FIELD=VALUE.',
}

HELP: dict[str, str] = {
    "Deadlines, the authority's notice, the register, letters to the people, public texts.": (
        "Délais, notification à l'autorité, registre, lettres aux personnes, textes publics."
    ),
    "Say what is due to whom, by when, and what is late; or keep a moment of the case with its reason.": (
        "Dit ce qui est dû, à qui, pour quand, et ce qui est en retard ; ou garde un instant avec son motif."
    ),
    "A moment of the case, NAME=INSTANT; say why with --why.": (
        "Un instant de l'affaire, NOM=INSTANT ; dites pourquoi avec --why."
    ),
    "Zone in which moments are shown, such as Europe/Paris.": "Fuseau d'affichage, comme Europe/Paris.",
    "Write the authority's notice, or its next version; refused while a mandatory field lacks.": (
        "Écrit la notification à l'autorité, ou sa version suivante ; refusée s'il manque un champ obligatoire."
    ),
    "An answer to a field of the form, FIELD=VALUE; kept.": (
        "Une réponse à un champ du formulaire, CHAMP=VALEUR ; gardée."
    ),
    "The reason.": "Le motif.",
    "When this version was filed, with its offset.": "Quand cette version a été déposée, avec son décalage horaire.",
    "The number the authority gave.": "Le numéro donné par l'autorité.",
    "Folder of the files; default: inside the case's folder.": (
        "Dossier des fichiers ; par défaut dans celui de l'affaire."
    ),
    "Write the register entry of art. 33(5), as text, CSV and JSON.": (
        "Écrit l'inscription au registre (art. 33(5)), en texte, CSV et JSON."
    ),
    "A field of the register, FIELD=VALUE; kept.": "Un champ du registre, CHAMP=VALEUR ; gardé.",
    "Make and check the letters of art. 34, one per person.": (
        "Fait et vérifie les lettres de l'art. 34, une par personne."
    ),
    "A text or fact of the letters, FIELD=VALUE; kept.": "Un texte ou un fait des lettres, CHAMP=VALEUR ; gardé.",
    "Folder of your own templates, in place of ours.": "Dossier de vos propres modèles, à la place des nôtres.",
    "Only write our templates to this folder, to be changed.": (
        "Écrit seulement nos modèles dans ce dossier, pour les modifier."
    ),
    "Also set letters on paper as PDF, kept encrypted in the case.": (
        "Compose aussi les courriers en PDF, gardés chiffrés dans l'affaire."
    ),
    "Also write the letters in clear to this folder.": "Écrit aussi les lettres, en clair, dans ce dossier.",
    "How many letters at most are written in clear.": "Nombre de lettres écrites en clair, au plus.",
    "Accept a rule's refusal, RULE=REASON; kept. Some rules cannot be overridden.": (
        "Passe outre une règle, RÈGLE=MOTIF ; gardé. Certaines règles ne le permettent pas."
    ),
    "Say the two witness words of a letter's code, and nothing else.": (
        "Dit les deux mots témoins du code d'une lettre, et rien d'autre."
    ),
    "Write the public statement, the public notice and the script of the phone desk.": (
        "Écrit le communiqué, l'avis public et le texte pour l'accueil téléphonique."
    ),
    "Write the complaint file for prosecutor and insurer, and the person's own fact sheet.": (
        "Écrit le dossier de plainte pour le procureur et l'assureur, et la fiche de la personne."
    ),
    "Why the case is closed, even while a duty is open.": (
        "Pourquoi l'affaire est close, même si une obligation reste ouverte."
    ),
    "An age recipient (age1…) for the proof of what was sent; else a new key is written.": (
        "Un destinataire age (age1…) pour la preuve des envois ; sinon une clé nouvelle est écrite."
    ),
    "Say that the case must be kept (a prosecutor, a court), or no longer: closing asks about it.": (
        "Dit que l'affaire doit être gardée (procureur, juge), ou plus : la clôture le demande."
    ),
    "Say something about severity (care_body, recipients, level:COHORT…), with its reason.": (
        "Dit un fait sur la gravité (care_body, recipients, level:COHORTE…), avec son motif."
    ),
    "Send the letters that were made and checked: each once; run again, it goes on where it stopped.": (
        "Envoie les lettres faites et vérifiées, chacune une fois ; relancé, reprend là où il s'est arrêté."
    ),
    "By which way; for SMS and post a list is written for those who carry them.": (
        "Par quelle voie ; pour SMS et courrier, une liste est écrite pour ceux qui les portent."
    ),
    "Name of the DKIM key of the sending domain.": "Nom de la clé DKIM du domaine d'envoi.",
    "The DNS server to ask, ADDRESS:PORT, in place of this machine's.": (
        "Le serveur DNS à interroger, ADRESSE:PORT, à la place de celui de cette machine."
    ),
    "Folder of the lists for SMS and post.": "Dossier des listes pour SMS et courrier.",
    "Messages at most in one list.": "Messages au plus dans une liste.",
    "Your word on an unknown outcome: the number of a person, or the name of a list.": (
        "Votre mot sur un sort inconnu : le numéro d'une personne, ou le nom d'une liste."
    ),
    "Read what came back (mail, folder, mbox, a vendor's list): those not told go by their next way.": (
        "Lit ce qui est revenu (courriel, dossier, mbox, liste d'un prestataire) : la voie suivante prend le relais."
    ),
    "The organisation's mail relay, HOST:PORT.": "Le relais de messagerie de l'organisme, HÔTE:PORT.",
    "How.": "Comment.",
    "Login at the relay.": "Identifiant auprès du relais.",
    "File whose first line is the password; kept nowhere.": (
        "Fichier dont la première ligne est le mot de passe ; gardé nulle part."
    ),
    "Address of the sender: the organisation's usual one.": "Adresse d'envoi : l'adresse habituelle de l'organisme.",
    "Messages at most per minute.": "Messages par minute, au plus.",
    "Test: write the messages as .eml files, send nothing.": (
        "Essai : écrit les messages en fichiers .eml, n'envoie rien."
    ),
    "In place of the program's check of SPF, DKIM and DMARC: who checked them, when and how; kept.": (
        "À la place de la vérification de SPF, DKIM et DMARC par le programme : qui les a vérifiés, quand et "
        "comment ; gardé."
    ),
    "Make one encrypted file per controller: its people, its notice, its letters; run again, it goes on.": (
        "Fait un dossier chiffré par responsable : ses personnes, sa notification, ses lettres ; relancé, reprend."
    ),
    "tenants.csv: tenant, siren, contact, told_at, dpo, key, mandate.": (
        "tenants.csv : tenant, siren, contact, told_at, dpo, key, mandate."
    ),
    "Folder apart for the keys made for controllers that have none.": (
        "Dossier à part pour les clés faites pour les responsables qui n'en ont pas."
    ),
    "Folder of the files, one for each controller, encrypted.": "Dossier des fichiers, un par responsable, chiffrés.",
}
