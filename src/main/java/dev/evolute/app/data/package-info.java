/**
 * Real data: the data sets a study can train on, where they are found, and how they are fetched.
 *
 * <p>{@link dev.evolute.app.data.DataSets} opens a set by name (bundled subsets from the class
 * path, full sets from a folder), {@link dev.evolute.app.data.DataFetch} puts a full set into a
 * folder, and {@link dev.evolute.app.data.Dataset} is what a study is handed. Every byte of those
 * is checked against a SHA-256 before it is used. {@link dev.evolute.app.data.ColourImages} and
 * text ({@link dev.evolute.app.data.Tokens}) are the user's own files. May import {@code
 * dev.evolute.app}, {@code dev.evolute.spectral} for its random numbers, and JTokkit.
 */
package dev.evolute.app.data;
