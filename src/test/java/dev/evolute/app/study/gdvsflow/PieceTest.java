package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.report.Figure;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pieces of the study that an interrupted run has finished. */
class PieceTest {
  private static final Protocol PROTOCOL = Protocol.tiny(DType.F64, 3);

  @TempDir Path folder;

  private SavedRuns saved() {
    StudySettings settings = new StudySettings(true, "cpu", 1, 3, null, folder, null, false);
    return new StudyRun(new GdVsFlow(), settings, Progress.silent(), "key").saved();
  }

  private Findings findings() {
    return new Findings(
        PROTOCOL,
        GdVsFlowTest.blotches().first(PROTOCOL.images()),
        new FlowRun(PROTOCOL, GdVsFlowTest.blotches(), saved()));
  }

  private static List<Piece> pieces(Findings findings) {
    return GdVsFlow.theory(findings, PROTOCOL, Progress.silent(), false);
  }

  /** All that the theory's parts give to a report: figures, and claims and numbers. */
  private Map<String, String> report(Findings findings, String name) throws Exception {
    StudyResult.Builder result = StudyResult.of("gd-vs-flow").data("blotches", false, 40, "0");
    List<Figure> figures = new ArrayList<>();
    for (Part part :
        List.of(
            findings.nearZero,
            findings.unbounded,
            findings.following,
            findings.convergence,
            findings.endToEnd)) {
      part.describe(result);
      part.claims().forEach(result::claim);
      figures.addAll(part.figures());
    }
    Path out = folder.resolve(name);
    ReportWriter.write(out, result.build(), new SeriesTable("nothing"), figures);
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(out)) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readString(path));
      }
    }
    return files;
  }

  @Test
  void finishedTheoryIsTakenUpToTheLastDigit() throws Exception {
    Findings first = findings();
    List<Job> jobs = pieces(first).stream().map(p -> p.job(saved(), Progress.silent())).toList();
    for (Job job : jobs) {
      try (Device device = Device.open("cpu", 1)) {
        job.work().accept(device);
      }
    }
    Findings second = findings();
    List<Piece> again = pieces(second);
    HashSet<String> labels = new HashSet<>();
    for (int i = 0; i < again.size(); i++) {
      assertTrue(labels.add(again.get(i).label()), "one name a piece");
      assertTrue(again.get(i).takeUp(saved()), again.get(i).label());
      double[][] before = pieces(first).get(i).state().get();
      double[][] after = again.get(i).state().get();
      assertEquals(before.length, after.length);
      for (int k = 0; k < before.length; k++) {
        assertArrayEquals(before[k], after[k], again.get(i).label());
      }
    }
    Map<String, String> report = report(first, "first");
    assertTrue(report.size() > 6, report.keySet().toString());
    assertTrue(report.get("summary.json").contains("theorem15"));
    assertEquals(report, report(second, "second"));
  }

  @Test
  void spectraAreTakenUpToTheLastDigit() {
    double nan = Double.NaN;
    List<Curvature.Probe> probes =
        List.of(
            new Curvature.Probe(4, 1, 2, 3, 4, -5, 6, null, nan, 7, true),
            new Curvature.Probe(
                8, 1.5, 2, 3, 4, -5, 6, new HomogeneousNet.Bounds(-9, -8, nan), 10, 11, false));
    Spectra first = new Spectra(PROTOCOL);
    first.put(Network.RELU, probes);
    Spectra second = new Spectra(PROTOCOL);
    second.restore(Network.RELU, first.state(Network.RELU));
    assertEquals(probes, second.of(Network.RELU));
  }

  @Test
  void anInterruptedPieceIsNotSaved() {
    Progress progress = Progress.silent();
    Piece piece =
        new Piece(
            "half", 1, device -> progress.interrupt(), () -> new double[][] {{1}}, state -> {});
    piece.job(saved(), progress).work().accept(null);
    assertFalse(piece.takeUp(saved()));
    Piece stopped =
        new Piece(
            "stopped",
            1,
            device -> {
              throw new GradientFlow.Stopped();
            },
            () -> new double[][] {{1}},
            state -> {});
    stopped.job(saved(), Progress.silent()).work().accept(null);
    assertFalse(stopped.takeUp(saved()));
  }
}
