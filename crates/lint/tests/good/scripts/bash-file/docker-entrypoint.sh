set -e
./wait-for-it.sh db:5432
exec "$@"
