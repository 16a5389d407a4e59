package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.StudyResult;
import java.util.List;

/** A part of the study with what it adds to the report, whole or as far as it has come. */
interface Part {
  /** What of the paper it checks. */
  List<Claim> claims();

  /** Its pictures. */
  List<Figure> figures();

  /** Adds settings, metrics, facts and prose. */
  void describe(StudyResult.Builder result);
}
