package flosync.rival;

import org.apache.kafka.common.serialization.Serde;

/** Specialists among the GPs of an area. */
record Share(long specialists, long gps) {
  static final Share NONE = new Share(0, 0);

  static Share of(boolean specialist) {
    return new Share(specialist ? 1 : 0, 1);
  }

  Share plus(Share other) {
    return new Share(specialists + other.specialists, gps + other.gps);
  }

  Share minus(Share other) {
    return new Share(specialists - other.specialists, gps - other.gps);
  }

  @Override
  public String toString() {
    return specialists + "/" + gps;
  }

  static Share parse(String text) {
    int slash = text.indexOf('/');
    return new Share(Long.parseLong(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
  }

  static Serde<Share> serde() {
    return Texts.serde(Share::toString, Share::parse);
  }
}
