FROM eclipse-temurin:21-jre
ARG JAR=target/app.jar
COPY ${JAR} /app.jar
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "/app.jar"]
