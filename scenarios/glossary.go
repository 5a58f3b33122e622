package scenarios

import _ "embed" // for the glossary

// Glossary is the glossary of the project, as Markdown.
//
//go:embed GLOSSARY.md
var Glossary string
