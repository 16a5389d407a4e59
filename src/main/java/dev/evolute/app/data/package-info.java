/**
 * Real data: the data sets a study can train on, where they are found, and how they are fetched.
 *
 * <p>{@link dev.evolute.app.data.DataSets} opens a set by name (bundled subsets from the class
 * path, full sets from a folder), {@link dev.evolute.app.data.DataFetch} puts a full set into a
 * folder, and {@link dev.evolute.app.data.Dataset} is what a study is handed. Every byte is checked
 * against a SHA-256 before it is used. Imports nothing but the JDK's base module and {@code
 * dev.evolute.app.UserException}.
 */
package dev.evolute.app.data;
