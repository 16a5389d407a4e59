package dev.evolute.spark;

import dev.evolute.app.data.Images;
import dev.evolute.app.engine.Engine;
import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Apache Spark, for commands. */
public final class SparkEngine implements Engine {
  @Override
  public Images images(String name) {
    if (!name.startsWith(Images.PARQUET)) {
      return null;
    }
    Cluster.quiet();
    return ParquetImages.open(name, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
  }

  @Override
  public Session open(Request request, Consumer<String> say) {
    Cluster cluster =
        Cluster.open(
            new Cluster.Request(
                request.address(), request.executors(), request.cores(), request.memory()));
    return new ClusterSession(cluster, request, say);
  }
}
