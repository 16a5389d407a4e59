package dev.evolute.app.report;

import dev.evolute.app.Evolute;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything a study found, apart from its series and its figures.
 *
 * @param version version of Evolute that made it
 * @param study name of the study on the command line
 * @param quick whether the smaller run was asked for
 * @param partial whether the run was interrupted and holds only what was computed until then
 * @param seed seed of every random stream
 * @param machine what it ran on: cpu, vectorBits, threads, device, jdk
 * @param settings every knob with its value, in the order shown
 * @param data the data set
 * @param seconds wall time in seconds
 * @param metrics numbers by name, in the order shown; NaN and infinities are written as null
 * @param claims the paper's claims with their verdicts
 * @param title headline of the report
 * @param answer one sentence that says what came out
 * @param citation the paper, as one cites it
 * @param facts key numbers, shown as tiles
 * @param prose paragraphs of plain text, shown above the figures
 * @param command the exact command line that makes this result again
 * @param more further objects of {@code summary.json}, by key
 */
public record StudyResult(
    String version,
    String study,
    boolean quick,
    boolean partial,
    long seed,
    Map<String, Object> machine,
    Map<String, Object> settings,
    Data data,
    double seconds,
    Map<String, Number> metrics,
    List<Claim> claims,
    String title,
    String answer,
    String citation,
    List<Fact> facts,
    List<String> prose,
    String command,
    Map<String, Object> more) {

  /**
   * The data a study ran on.
   *
   * @param name short name, such as {@code mnist-1k}
   * @param real false where generated data stand in for a set that cannot be had
   * @param samples number of samples used
   * @param sha256 checksum of what was read, lower-case hexadecimal; empty where nothing was read
   * @param standIn where not real, what of it is generated; empty or null for all of it
   */
  public record Data(String name, boolean real, long samples, String sha256, String standIn) {
    public Data {
      Objects.requireNonNull(name, "data name");
      standIn = standIn == null || standIn.isEmpty() ? name : standIn;
      sha256 = sha256 == null ? "" : sha256;
    }
  }

  /**
   * One key number of the report.
   *
   * @param label what it is
   * @param value the number, already formatted, with its unit
   * @param note what to compare it with; may be empty
   */
  public record Fact(String label, String value, String note) {
    public Fact {
      value = Numbers.written(value);
      note = note == null ? "" : Numbers.written(note);
    }
  }

  public StudyResult {
    Objects.requireNonNull(study, "study");
    Objects.requireNonNull(data, "data");
    machine = Collections.unmodifiableMap(new LinkedHashMap<>(machine));
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    claims = List.copyOf(claims);
    facts = List.copyOf(facts);
    answer = Numbers.written(answer);
    prose = prose.stream().map(Numbers::written).toList();
    more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
  }

  /** Starts a result for the study of that name. */
  public static Builder of(String study) {
    return new Builder(study);
  }

  /** Collects a {@link StudyResult}; maps and lists keep the order of the calls. */
  public static final class Builder {
    private final String study;
    private String version = Evolute.version();
    private boolean quick;
    private boolean partial;
    private long seed;
    private final Map<String, Object> machine = new LinkedHashMap<>();
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private Data data;
    private double seconds;
    private final Map<String, Number> metrics = new LinkedHashMap<>();
    private final List<Claim> claims = new ArrayList<>();
    private String title;
    private String answer = "";
    private String citation = "";
    private final List<Fact> facts = new ArrayList<>();
    private final List<String> prose = new ArrayList<>();
    private String command = "";
    private final Map<String, Object> more = new LinkedHashMap<>();

    private Builder(String study) {
      this.study = Objects.requireNonNull(study, "study");
      this.title = study;
    }

    public Builder version(String value) {
      version = value;
      return this;
    }

    public Builder quick(boolean value) {
      quick = value;
      return this;
    }

    public Builder partial(boolean value) {
      partial = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder machine(String key, Object value) {
      machine.put(key, value);
      return this;
    }

    public Builder machine(Map<String, ?> values) {
      machine.putAll(values);
      return this;
    }

    /** Adds a knob; the value is a number, a boolean, a text, or a list or map of those. */
    public Builder setting(String key, Object value) {
      settings.put(key, value);
      return this;
    }

    public Builder data(String name, boolean real, long samples, String sha256) {
      data = new Data(name, real, samples, sha256, null);
      return this;
    }

    /** Names the part of the data that is generated, where not all of it is. */
    public Builder standIn(String part) {
      data = new Data(data.name(), data.real(), data.samples(), data.sha256(), part);
      return this;
    }

    public Builder seconds(double value) {
      seconds = value;
      return this;
    }

    public Builder metric(String key, Number value) {
      metrics.put(key, value);
      return this;
    }

    public Builder claim(Claim claim) {
      claims.add(claim);
      return this;
    }

    public Builder title(String value) {
      title = value;
      return this;
    }

    public Builder answer(String sentence) {
      answer = sentence;
      return this;
    }

    public Builder citation(String value) {
      citation = value;
      return this;
    }

    public Builder fact(String label, String value, String note) {
      facts.add(new Fact(label, value, note));
      return this;
    }

    public Builder prose(String paragraph) {
      prose.add(paragraph);
      return this;
    }

    public Builder command(String value) {
      command = value;
      return this;
    }

    /** Adds an object: a map or a list of numbers, texts, maps and lists. */
    public Builder more(String key, Object value) {
      more.put(key, value);
      return this;
    }

    public StudyResult build() {
      return new StudyResult(
          version, study, quick, partial, seed, machine, settings, data, seconds, metrics, claims,
          title, answer, citation, facts, prose, command, more);
    }
  }
}
