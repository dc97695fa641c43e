FROM eclipse-temurin:21-jre
COPY target/app.jar /app.jar
ENV JAVA_OPTS=""
ENTRYPOINT exec java $JAVA_OPTS -jar /app.jar
