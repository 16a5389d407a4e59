/**
 * The command line: options, commands, and the one place where errors become one sentence and an
 * exit status. It may import everything of the application; nothing imports it.
 */
package dev.evolute.app.cli;
