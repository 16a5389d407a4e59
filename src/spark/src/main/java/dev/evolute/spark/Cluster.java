package dev.evolute.spark;

import dev.evolute.app.Evolute;
import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.spark.Executors.Executor;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application of Evolute's: started with what its executors need, checked before work
 * begins, and quiet.
 */
public final class Cluster implements AutoCloseable {
  /** The master where everything is taken from spark-submit. */
  static final String SUBMITTED = "spark-submit";

  private static final Pattern STANDALONE = Pattern.compile("spark://([^:/,]+):(\\d+)");
  private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[(\\d+)]");
  private static final Pattern LOCAL = Pattern.compile("local(\\[\\d+])?");
  private static final int CONNECT_MILLIS = 5_000;
  private static final double EXECUTOR_SECONDS = 60;

  /** Where logs go that nobody asked to see; Log4j's own name for it. */
  private static final String LOG_SETTINGS = "log4j2.configurationFile";

  private static final String OPTIONS =
      "--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  /** What executors need beside Spark, by the beginnings of the names of its files. */
  private static final List<String> OURS =
      List.of("evolute-", "ejml-", "hipparchus-", "jtokkit-", "picocli-", "jcuda");

  /**
   * What is asked for.
   *
   * @param master address of a master, {@code local-cluster[N]}, {@code local[N]}, or {@code
   *     spark-submit}
   * @param executors how many processes; 0 for as many as the cluster gives
   * @param cores of each of them, all for one task
   * @param memory heap of each, as Spark writes it
   */
  public record Request(String master, int executors, int cores, String memory) {}

  private final JavaSparkContext spark;
  private final List<Executor> living;

  private Cluster(JavaSparkContext spark, List<Executor> living) {
    this.spark = spark;
    this.living = living;
  }

  /**
   * Starts an application.
   *
   * @throws UserException where nobody answers, or no executor comes
   */
  public static Cluster open(Request request) {
    megabytes(request.memory());
    System.getProperties()
        .putIfAbsent(LOG_SETTINGS, Cluster.class.getResource("log4j2.properties").toString());
    SparkConf conf = conf(request);
    JavaSparkContext spark = Failures.told(() -> new JavaSparkContext(conf));
    Executors executors = new Executors(spark.sc());
    try {
      int expected = expected(request);
      List<Executor> living = executors.await(Math.max(1, expected), EXECUTOR_SECONDS);
      Cluster cluster = new Cluster(spark, living);
      cluster.requireSameVersion();
      return cluster;
    } catch (RuntimeException e) {
      spark.close();
      throw e;
    } finally {
      executors.close();
    }
  }

  private static SparkConf conf(Request request) {
    String master = request.master();
    SparkConf conf = new SparkConf().setAppName("evolute");
    Matcher standalone = STANDALONE.matcher(master);
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (standalone.matches()) {
      requireAnswer(standalone.group(1), Integer.parseInt(standalone.group(2)));
      conf.setMaster(master);
      if (isLoopback(standalone.group(1))) {
        loopback(conf);
      }
    } else if (cluster.matches()) {
      int megabytes = megabytes(request.memory());
      conf.setMaster(
          "local-cluster[%s,%d,%d]".formatted(cluster.group(1), request.cores(), megabytes));
      loopback(conf);
      requireHome();
    } else if (LOCAL.matcher(master).matches()) {
      conf.setMaster(master);
      loopback(conf);
    } else if (!master.equals(SUBMITTED)) {
      throw new UsageException(
          "master: '%s' is none; give spark://HOST:PORT, local[N], local-cluster[N], or spark-submit under that"
              .formatted(master));
    }
    if (request.executors() > 0) {
      conf.setIfMissing("spark.cores.max", "" + request.executors() * request.cores());
      conf.setIfMissing("spark.executor.instances", "" + request.executors());
    }
    conf.setIfMissing("spark.executor.cores", "" + request.cores());
    if (!LOCAL.matcher(master).matches()) {
      // A shard has the threads of its device: one task takes all cores of an executor.
      conf.setIfMissing("spark.task.cpus", conf.get("spark.executor.cores"));
    }
    conf.setIfMissing("spark.executor.memory", request.memory());
    conf.setIfMissing("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"));
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // What pages of a job under way would show, which nobody sees.
    conf.setIfMissing("spark.ui.liveUpdate.period", "-1");
    // Making a shard elsewhere takes long; that of a lost executor waits as long before it is made.
    conf.setIfMissing("spark.locality.wait", "5s");
    // What passes were sent by goes when the driver collects garbage, which its small heap seldom
    // does.
    conf.setIfMissing("spark.cleaner.periodicGC.interval", "1min");
    // Vectors do not compress, and as many come back as there are shards.
    conf.setIfMissing("spark.broadcast.compress", "false");
    conf.setIfMissing("spark.driver.maxResultSize", "0");
    conf.set(
        "spark.executor.extraJavaOptions",
        (OPTIONS + " " + conf.get("spark.executor.extraJavaOptions", "")).strip());
    ship(conf, standalone.matches());
    return conf;
  }

  /**
   * Executors of a cluster are sent the driver's jars. Those on this machine take its class path,
   * as do all where the driver runs from class files.
   */
  private static void ship(SparkConf conf, boolean standalone) {
    List<String> path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(place -> Path.of(place).toAbsolutePath().toString())
            .toList();
    List<String> ours =
        path.stream()
            .filter(
                place ->
                    OURS.stream().anyMatch(Path.of(place).getFileName().toString()::startsWith))
            .toList();
    boolean built = ours.stream().anyMatch(place -> place.contains("evolute-spark"));
    if (standalone && built) {
      String jars =
          ours.stream()
              .map(jar -> Path.of(jar).toUri().toString())
              .collect(Collectors.joining(","));
      conf.set(
          "spark.jars", conf.contains("spark.jars") ? conf.get("spark.jars") + "," + jars : jars);
    } else {
      conf.setIfMissing("spark.executor.extraClassPath", String.join(File.pathSeparator, path));
    }
  }

  private static void loopback(SparkConf conf) {
    conf.setIfMissing("spark.driver.host", "127.0.0.1");
    conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (IOException unknown) {
      return false;
    }
  }

  /** Spark itself would try for a minute, and then say that all masters are unresponsive. */
  private static void requireAnswer(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserException(
          "master: no Spark master answers at spark://%s:%d (%s); give the address that the master's log begins with"
              .formatted(host, port, reason(e)),
          e);
    }
  }

  private static String reason(Exception e) {
    return e instanceof UnknownHostException
        ? "there is no such host"
        : String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
  }

  private static void requireHome() {
    String home = System.getenv("SPARK_HOME");
    if (home == null || !new File(home, "jars").isDirectory()) {
      throw new UserException(
          "master local-cluster: SPARK_HOME is %s; set it to a folder of Spark's, one with jars in it"
              .formatted(home == null ? "not set" : home));
    }
  }

  static int megabytes(String memory) {
    Matcher size = Pattern.compile("(\\d+)([mg])").matcher(memory);
    if (!size.matches()) {
      throw new UsageException(
          "executor memory: '%s' cannot be read; write 512m or 4g".formatted(memory));
    }
    return Integer.parseInt(size.group(1)) * (size.group(2).equals("g") ? 1024 : 1);
  }

  private static int expected(Request request) {
    Matcher cluster = LOCAL_CLUSTER.matcher(request.master());
    return cluster.matches() ? Integer.parseInt(cluster.group(1)) : request.executors();
  }

  /**
   * A driver and executors of two versions could agree on what travels, and not on what it means.
   */
  private void requireSameVersion() {
    String mine = Evolute.version();
    int all = living.size();
    List<String> theirs =
        Failures.told(
            () ->
                spark
                    .parallelize(Collections.nCopies(all, 0), all)
                    .map(none -> Evolute.version())
                    .distinct()
                    .collect());
    theirs.stream()
        .filter(version -> !version.equals(mine))
        .findFirst()
        .ifPresent(
            version -> {
              throw new UserException(
                  "the executors run Evolute %s and this driver %s; install the same version, or remove Evolute from the workers' class path"
                      .formatted(version, mine));
            });
  }

  /** The application. */
  public JavaSparkContext spark() {
    return spark;
  }

  /** How many executors there were when it began. */
  public int executors() {
    return living.size();
  }

  /** Tasks that ran at a time when it began: one an executor, but in the driver's own process. */
  int width() {
    return spark.isLocal() ? spark.defaultParallelism() : living.size();
  }

  @Override
  public void close() {
    spark.close();
  }
}
