/**
 * What a study leaves behind: {@code summary.json}, {@code series.csv}, one SVG a figure and one
 * self-contained {@code report.html}.
 *
 * <p>A study fills a {@link dev.evolute.app.report.StudyResult}, a {@link
 * dev.evolute.app.report.SeriesTable} and a list of {@link dev.evolute.app.report.Figure}s; {@link
 * dev.evolute.app.report.ReportWriter} writes them. The charts are written as plain SVG with real
 * text and style classes, so that they need no fonts on the machine, follow the reader's light or
 * dark scheme and come out byte for byte the same from the same numbers.
 *
 * <p>The report carries its numbers with it, as JSON: a script within the page makes the pictures
 * interactive from them, and a {@link dev.evolute.app.report.Comparison} reads them back. Without
 * the script the same pictures stand there, still.
 *
 * <p>Imports {@code dev.evolute.app.UserException}, Jackson and {@code java.xml}; no study, no
 * device and no network.
 */
package dev.evolute.app.report;
