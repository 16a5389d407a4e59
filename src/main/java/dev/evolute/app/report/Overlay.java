package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Lays the figures of one name of several runs over each other. */
final class Overlay {
  private static final Line.Style[] STYLES = {
    Line.Style.SOLID, Line.Style.DASHED, Line.Style.DOTTED
  };

  private Overlay() {}

  /**
   * One figure with the lines of all runs, or, of matrices, one a run.
   *
   * @param figures of each run, null where it has none
   */
  static List<Figure> of(List<Figure> figures) {
    Figure first = figures.stream().filter(Objects::nonNull).findFirst().orElseThrow();
    if (first.matrix() != null) {
      return matrices(figures);
    }
    List<Chart> panels = new ArrayList<>();
    for (int p = 0; p < first.panels().size(); p++) {
      panels.add(panel(figures, first.panels().get(p), p));
    }
    return List.of(
        new Figure(first.name(), first.title(), first.caption(), first.reproduces(), panels));
  }

  private static List<Figure> matrices(List<Figure> figures) {
    List<Figure> all = new ArrayList<>();
    for (int run = 0; run < figures.size(); run++) {
      Figure figure = figures.get(run);
      if (figure != null && figure.matrix() != null) {
        String letter = Comparison.letter(run);
        all.add(
            new Figure(
                figure.name() + "-" + letter,
                letter + ": " + figure.title(),
                figure.caption(),
                figure.reproduces(),
                List.of(),
                figure.matrix()));
      }
    }
    return all;
  }

  private static Chart panel(List<Figure> figures, Chart like, int index) {
    List<Line> lines = new ArrayList<>();
    List<Chart.Band> bands = new ArrayList<>();
    List<Chart.Reference> references = new ArrayList<>();
    for (int run = 0; run < figures.size(); run++) {
      Chart chart = matching(figures.get(run), like, index);
      if (chart == null) {
        continue;
      }
      String letter = Comparison.letter(run);
      boolean single = chart.lines().size() == 1;
      for (Line line : chart.lines()) {
        lines.add(
            new Line(
                letter + ": " + line.name(),
                line.x(),
                line.y(),
                style(line, single, run),
                colour(line, single, run)));
      }
      for (Chart.Band band : chart.bands()) {
        int colour = single ? run : band.colour();
        bands.add(new Chart.Band(band.x(), band.low(), band.high(), colour));
      }
      for (Chart.Reference reference : chart.references()) {
        boolean known =
            references.stream()
                .anyMatch(
                    other ->
                        other.vertical() == reference.vertical()
                            && other.value() == reference.value());
        if (!known) {
          references.add(
              new Chart.Reference(
                  reference.vertical(),
                  reference.value(),
                  letter + ": " + reference.label(),
                  reference.stretch()));
        }
      }
    }
    return new Chart(
        like.title(),
        like.xLabel(),
        like.yLabel(),
        like.xLog(),
        like.yLog(),
        false,
        lines,
        references,
        bands,
        like.places());
  }

  /** Dashes tell the runs apart where colours tell the lines. */
  private static Line.Style style(Line line, boolean single, int run) {
    return single || line.style() == Line.Style.POINTS ? line.style() : STYLES[run % STYLES.length];
  }

  /** Where there is one line, its colour is the run's; points have no dashes, and so others. */
  private static int colour(Line line, boolean single, int run) {
    return single
        ? run
        : line.style() == Line.Style.POINTS ? line.colour() + 3 * run : line.colour();
  }

  /** By its title, else by its place. */
  private static Chart matching(Figure figure, Chart like, int index) {
    if (figure == null) {
      return null;
    }
    return figure.panels().stream()
        .filter(chart -> chart.title().equals(like.title()) && !like.title().isEmpty())
        .findFirst()
        .orElse(
            like.title().isEmpty() && index < figure.panels().size()
                ? figure.panels().get(index)
                : null);
  }
}
