package dev.evolute.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import scala.Function2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * A job over partitions of one element each.
 *
 * <p>What {@code map} and {@code collect} are given is a closure of Scala's to Spark, wrapped in
 * others of its own. In case a shell made it, Spark reads the class files around each of them
 * again, at every call, and writes the closure to see whether it can travel: of the CPU time of the
 * thread that asks for a pass, that was 83 of 100 samples. A function that is a class of its own is
 * left alone.
 */
final class Job {
  private static final ClassTag<Object> ANY = ClassTag$.MODULE$.apply(Object.class);

  private Job() {}

  /**
   * What is made of an element, in an executor.
   *
   * @param <T> the element
   * @param <R> what comes back
   */
  interface Work<T, R> extends Serializable {
    R of(T element);
  }

  private record Task<T, R>(Work<T, R> work)
      implements Function2<TaskContext, Iterator<T>, Object>, Serializable {
    @Override
    public Object apply(TaskContext context, Iterator<T> partition) {
      return work.of(partition.next());
    }
  }

  /** Runs it, and gives the results by the numbers of the partitions. */
  static <T, R> List<R> run(JavaRDD<T> elements, Work<T, R> work) {
    Object[] all =
        (Object[]) elements.rdd().context().runJob(elements.rdd(), new Task<>(work), ANY);
    List<R> results = new ArrayList<>(all.length);
    for (Object one : all) {
      @SuppressWarnings("unchecked")
      R result = (R) one;
      results.add(result);
    }
    return results;
  }
}
