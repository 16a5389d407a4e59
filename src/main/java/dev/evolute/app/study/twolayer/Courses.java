package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Line;
import dev.evolute.app.study.twolayer.Course.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The runs there are, by setting and rule. */
final class Courses {
  private final Protocol protocol;
  private final Map<String, Course> courses = new LinkedHashMap<>();

  Courses(Protocol protocol) {
    this.protocol = protocol;
  }

  synchronized void add(Course course) {
    courses.put(course.label(), course);
  }

  /** That of a setting and a rule, or null. */
  Course get(Setting setting, Rule rule) {
    return courses.get(setting.label() + "-" + rule.label());
  }

  /** All courses there are, in the order of the protocol. */
  List<Course> ordered() {
    List<Course> list = new ArrayList<>();
    List<Setting> settings = new ArrayList<>(protocol.figure1());
    settings.addAll(protocol.losses());
    settings.addAll(protocol.figure5());
    for (Setting setting : settings) {
      for (Rule rule : Rule.values()) {
        Course course = get(setting, rule);
        if (course != null) {
          list.add(course);
        }
      }
    }
    return list;
  }

  /** Mean iterations to 1e-10; infinite if a repetition did not get there, NaN without a course. */
  double iterations(Setting setting, Rule rule) {
    Course course = get(setting, rule);
    if (course == null) {
      return Double.NaN;
    }
    double mean = Conditioning.mean(course.reached);
    return Double.isNaN(mean) ? Double.POSITIVE_INFINITY : mean;
  }

  /** What a statement came to in all of them. */
  Claim statement(Statement statement) {
    ClaimCheck all = statement.check();
    for (Course course : ordered()) {
      ClaimCheck one = course.check(statement);
      all.add(one.checked(), one.violated(), one.tightest());
    }
    return all.claim();
  }

  /** The run's values, those of logarithms as powers of ten, over at most that many iterates. */
  static Line line(
      Course course, String name, Column column, boolean dashed, int colour, int length) {
    double[] x = iterates(course, length);
    double[] y = Arrays.copyOf(course.column(column), x.length);
    if (column.title.startsWith("log10")) {
      y = Arrays.stream(y).map(v -> Math.pow(10, v)).toArray();
    }
    return dashed ? Line.dashed(name, x, y, colour) : Line.solid(name, x, y, colour);
  }

  /** The loss of a run by its rule, with a band of one deviation. */
  static void loss(Chart.Builder chart, Course course, int length) {
    int colour = course.rule.colour();
    double[] x = iterates(course, length);
    double[] low = new double[x.length];
    double[] high = new double[x.length];
    for (int t = 0; t < x.length; t++) {
      double mean = course.get(t, Column.LOG_LOSS);
      double deviation = course.get(t, Column.LOG_LOSS_DEVIATION);
      low[t] = Math.pow(10, mean - deviation);
      high[t] = Math.pow(10, mean + deviation);
    }
    chart.band(x, low, high, colour);
    chart.line(line(course, course.rule.brief(), Column.LOG_LOSS, false, colour, length));
  }

  /** The bounds (20) and (17) on the loss of a run. */
  static void bounds(Chart.Builder chart, Course course) {
    chart.line(line(course, "(20)", Column.LOG_BOUND20, true, 1, course.length()));
    chart.line(line(course, "(17)", Column.LOG_BOUND17, true, 3, course.length()));
  }

  private static double[] iterates(Course course, int length) {
    double[] x = new double[Math.min(length, course.length())];
    Arrays.setAll(x, t -> t);
    return x;
  }
}
