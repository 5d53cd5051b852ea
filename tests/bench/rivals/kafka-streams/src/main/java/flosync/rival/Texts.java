package flosync.rival;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Values as short texts: smaller and quicker than a general format. */
final class Texts {
  private Texts() {}

  static <T> Serde<T> serde(Function<T, String> write, Function<String, T> read) {
    return Serdes.serdeFrom(
        (topic, value) -> value == null ? null : write.apply(value).getBytes(StandardCharsets.UTF_8),
        (topic, bytes) -> bytes == null ? null : read.apply(new String(bytes, StandardCharsets.UTF_8)));
  }
}
