package script

import (
	"fmt"
	"strings"
	"unicode"
)

// suspicious returns an error if a remark is probably more than a remark. Such a remark has a path,
// a word for a fault or a call, a misspelt word of this kind, or a negation. own is true for a text
// in which a client may describe itself, as in "I am not the lowest": such a text may contain more
// of these words.
func suspicious(l line, own bool) error {
	for i, w := range l.words {
		rest := l.words[i:]
		if w.quoted {
			continue
		}
		n, kind := faultWords.at(rest)
		if n == 0 {
			n, kind = eitherFault(w)
		}
		if n > 0 && !prose[w.is] && (n == len(rest) ||
			!startsIn(rest[n:], notFaults)) {
			return &misread{why: fmt.Sprintf("%q is a fault, but the text does not say which "+
				"machine fails: name the machine before the word for the fault (here: %s), as in "+
				"\"the leader crashes\", or put the note over one participant", w.raw, kind)}
		}
		if n, v := calls.at(rest); n > 0 && v != verbNone && !own && !possible(l.words[:i]) && (firstPath(rest) != "" ||
			creates(v) && nodeNouns.in(rest)) {
			return &misread{why: "a call must be an arrow from a client to the ensemble",
				nearest: "A->>ZK: " + l.text[w.begin:]}
		}
	}
	if n, v := calls.at(l.words[:min(1, len(l.words))]); own && n > 0 && v != verbNone &&
		firstPath(l.words) != "" {
		return &misread{why: "a call must be an arrow from a client to the ensemble",
			nearest: "A->>ZK: " + l.text}
	}
	if like, is := nearFault(l.words); is != "" {
		return &misread{why: fmt.Sprintf("unknown word %q: did you mean %q?", strings.Trim(like, ".,;:!?"), is),
			nearest: strings.Replace(l.text, strings.Trim(like, ".,;:!?"), is, 1)}
	}
	if own {
		return nil
	}
	if path := firstPath(l.words); path != "" && len(l.words) > 4 {
		return &misread{why: "unclear what happens to " + path + ": write the event, as in " +
			"\"deletes " + path + "\", or remove the path"}
	}
	for i, w := range l.words {
		if !w.quoted && negates(l.words[i:]) && w.is != "stops" && w.is != "stop" {
			return strayError(w.raw)
		}
	}
	return nil
}

func startsIn[M any](words []word, l *lexicon[M]) bool {
	n, _ := l.at(words)
	return n > 0
}

func creates(v verb) bool { return v == verbCreate || v == verbDelete }

// prose are words for faults that mostly have another meaning in a remark.
var prose = map[string]bool{"power": true, "release": true, "failure": true, "failed": true,
	"fail": true, "fails": true, "partition": true, "down": true, "gc": true, "exits": true,
	"restart": true, "recovers": true, "pause": true, "heal": true, "dead": true,
	"terminated": true, "disconnected": true, "isolated": true}

// nearFault returns a misspelt word for a fault or an event of the ensemble, and the right
// spelling; both are empty without such a word.
func nearFault(words []word) (like, is string) {
	for i, w := range words {
		if w.quoted || len(w.is) < 5 || len(w.is) > 20 || startsIn(words[i:], passing) ||
			startsIn(words[i:], faultWords) || startsIn(words[i:], ensembleHappenings) {
			continue
		}
		for _, known := range nearWords {
			if known[0] == w.is[0] && known != w.is && known+"s" != w.is && known != w.is+"s" &&
				distance(w.is, known) == 1 {
				return w.raw, known
			}
		}
	}
	return "", ""
}

var nearWords = []string{"crashes", "crash", "crashed", "pauses", "paused", "restarts", "killed",
	"freezes", "deletes", "deleted", "expires", "expired", "partition", "partitioned",
	"disconnects", "passes", "elapses", "removes"}

// foreign returns an error for a text in another language than English, or nil.
func foreign(words []word) error {
	for _, w := range words {
		if w.isPath() && !w.quoted {
			if r := glued(w.raw); r != 0 {
				return &misread{foreign: true, why: fmt.Sprintf("%q is in another language%s: the lab reads "+
					"English only", trimmed(w), script(r))}
			}
		}
		if w.quoted || w.isPath() {
			continue
		}
		if language := languages[w.is]; language != "" {
			return &misread{foreign: true, why: fmt.Sprintf("%q is in another language (%s): the lab reads "+
				"English only", trimmed(w), language)}
		}
		for _, r := range w.raw {
			if r > unicode.MaxASCII && unicode.IsLetter(r) && r != 'µ' && r != 'μ' && r != 'ï' {
				return &misread{foreign: true, why: fmt.Sprintf("%q is in another language%s: the lab reads "+
					"English only", trimmed(w), script(r))}
			}
		}
	}
	return nil
}

// trimmed returns a word without the punctuation around it, for an error.
func trimmed(w word) string { return strings.Trim(w.raw, ".,;:!?()[]\"'") }

// glued returns the first letter of a word in another language that follows the number at the end
// of a path without a blank, or 0.
func glued(raw string) rune {
	digit := false
	for _, r := range raw {
		if digit && r > unicode.MaxASCII && unicode.IsLetter(r) {
			return r
		}
		if digit = r >= '0' && r <= '9'; r > unicode.MaxASCII && !unicode.IsLetter(r) {
			return 0
		}
	}
	return 0
}

// script returns the language or script of a letter, such as " (Greek)", or "" if this is not
// clear.
func script(r rune) string {
	for _, s := range []struct {
		name  string
		table *unicode.RangeTable
	}{
		{"Japanese", unicode.Hiragana}, {"Japanese", unicode.Katakana}, {"Korean", unicode.Hangul},
		{"Chinese", unicode.Han}, {"Cyrillic", unicode.Cyrillic}, {"Arabic", unicode.Arabic},
		{"Greek", unicode.Greek}, {"Hebrew", unicode.Hebrew},
	} {
		if unicode.Is(s.table, r) {
			return " (" + s.name + ")"
		}
	}
	return ""
}

// languages maps a word that is common in diagrams in another language, but not in English, to that
// language.
var languages = make(map[string]string)

// init fills the table of words by which [foreign] recognises other languages.
func init() {
	for language, words := range map[string][]string{ // order: the words differ
		"German": strings.Fields("erstellt erstelle erzeugt anlegen löscht knoten sitzung " +
			"abgelaufen nicht " +
			"existiert bereits wird der und ein eine einen fehler erfolg erfolgreich stürzt " +
			"abgelehnt schreibt liest wartet ist läuft führer"),
		"Spanish": strings.Fields("crear crea creado nodo sesión sesion elimina eliminar borrar " +
			"borra éxito " +
			"exito una los las expira caduca líder falla muere escribe leer espera creada"),
		"French": strings.Fields("créer crée noeud nœud supprime supprimer réussi succès déjà " +
			"une les dans " +
			"échec expirée tombe meurt écrit créé verrou"),
		"Portuguese": strings.Fields("lider eleicao sessao usuario menor registrar atualizar " +
			"atualiza " +
			"salvar criar criado sessão excluir exclui sucesso não já nó falha expirou"),
		"Italian": strings.Fields("creare sessione esiste già cancella eliminato successo errore " +
			"scaduta"),
	} {
		for _, w := range words {
			languages[w] = language
		}
	}
}

// possible reports whether the words before a verb say that something can be done, and not that it
// is: another client could now acquire the lock.
func possible(before []word) bool {
	return firstPath(before) == "" && has(before, "could", "would", "might", "can") &&
		!negated(before)
}
