package dev.evolute.spark;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * How an application is configured for a master. What the user has set by Spark's own means stays.
 */
final class ApplicationConf {
  /** The master where everything is taken from spark-submit. */
  static final String SUBMITTED = "spark-submit";

  private static final Pattern STANDALONE = Pattern.compile("spark://([^:/,]+):(\\d+)");
  private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[(\\d+)]");
  private static final Pattern LOCAL = Pattern.compile("local(\\[\\d+])?");
  private static final Pattern SIZE = Pattern.compile("(\\d+)([mg])");
  private static final int CONNECT_MILLIS = 5_000;

  private static final String OPTIONS =
      "--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  /** What executors need beside Spark, by the beginnings of the names of its files. */
  private static final List<String> OURS =
      List.of("evolute-", "ejml-", "hipparchus-", "jtokkit-", "picocli-", "jcuda");

  private ApplicationConf() {}

  /**
   * Makes it.
   *
   * @throws UsageException where there is no such master
   * @throws UserException where nobody answers there
   */
  static SparkConf of(Cluster.Request request) {
    String master = request.master();
    int megabytes = megabytes(request.memory());
    SparkConf conf = new SparkConf().setAppName("evolute");
    Matcher standalone = STANDALONE.matcher(master);
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    boolean local = LOCAL.matcher(master).matches();
    if (standalone.matches()) {
      requireAnswer(standalone.group(1), Integer.parseInt(standalone.group(2)));
      conf.setMaster(master);
      if (isLoopback(standalone.group(1))) {
        loopback(conf);
      }
    } else if (cluster.matches()) {
      conf.setMaster(
          "local-cluster[%s,%d,%d]".formatted(cluster.group(1), request.cores(), megabytes));
      loopback(conf);
      requireHome();
    } else if (local) {
      conf.setMaster(master);
      loopback(conf);
    } else if (master.equals(SUBMITTED)) {
      requireSubmitted(conf);
    } else {
      throw new UsageException(
          "master: '%s' is none; give spark://HOST:PORT, local[N], local-cluster[N], or spark-submit under that"
              .formatted(master));
    }
    if (request.executors() > 0) {
      conf.setIfMissing("spark.cores.max", "" + request.executors() * request.cores());
      conf.setIfMissing("spark.executor.instances", "" + request.executors());
    }
    conf.setIfMissing("spark.executor.cores", "" + request.cores());
    if (!local) {
      // A shard has the threads of its device: one task takes all cores of an executor.
      conf.setIfMissing("spark.task.cpus", conf.get("spark.executor.cores"));
    }
    conf.setIfMissing("spark.executor.memory", request.memory());
    // Values of the network, for managers that count what is outside the heap.
    conf.setIfMissing("spark.executor.memoryOverhead", conf.get("spark.executor.memory"));
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
    // It needs a class that Java has no more, and then hides what could not be serialized.
    conf.setIfMissing("spark.serializer.extraDebugInfo", "false");
    // Vectors do not compress, and as many come back as there are shards.
    conf.setIfMissing("spark.broadcast.compress", "false");
    conf.setIfMissing("spark.driver.maxResultSize", "0");
    conf.set(
        "spark.executor.extraJavaOptions",
        (OPTIONS + " " + conf.get("spark.executor.extraJavaOptions", "")).strip());
    if (!master.equals(SUBMITTED)) {
      ship(conf, standalone.matches());
    }
    return conf;
  }

  /**
   * How many executors there will be.
   *
   * @return 0 where nobody knows
   */
  static int executors(SparkConf conf) {
    Matcher cluster =
        Pattern.compile("local-cluster\\[\\s*(\\d+).*").matcher(conf.get("spark.master"));
    return cluster.matches()
        ? Integer.parseInt(cluster.group(1))
        : conf.getInt("spark.executor.instances", 0);
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

  /** Workers inside a driver start their executors from the jars there. */
  private static void requireHome() {
    String home = System.getenv("SPARK_HOME");
    if (home == null || !new File(home, "jars").isDirectory()) {
      throw new UserException(
          "master local-cluster: SPARK_HOME is %s; set it to a folder of Spark's, one with jars in it, or start by ./evolute, which does"
              .formatted(home == null ? "not set" : home));
    }
  }

  private static void requireSubmitted(SparkConf conf) {
    if (!conf.contains("spark.master")) {
      throw new UsageException(
          "master: this is not started by spark-submit, which would say where the cluster is; give"
              + " its address");
    }
  }

  /** Of a size as Spark writes it. */
  static int megabytes(String memory) {
    Matcher size = SIZE.matcher(memory);
    if (!size.matches()) {
      throw new UsageException(
          "executor memory: '%s' cannot be read; write 512m or 4g".formatted(memory));
    }
    return Integer.parseInt(size.group(1)) * (size.group(2).equals("g") ? 1024 : 1);
  }
}
