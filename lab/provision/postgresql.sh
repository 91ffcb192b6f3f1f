# Runs inside the database tree: Debian's PostgreSQL with a small database.
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -qq update
apt-get -qq install --no-install-recommends postgresql >/dev/null
rm /usr/sbin/policy-rc.d

major=$(ls /etc/postgresql)
# The hosts of the lab share one network namespace: nothing but the socket may listen.
echo "listen_addresses = ''" >"/etc/postgresql/$major/main/conf.d/lab.conf"
pg_ctlcluster "$major" main start -- -w
su postgres -c 'psql --quiet --set=ON_ERROR_STOP=1' <<'SQL'
CREATE DATABASE shop;
\connect shop
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customers,
    placed timestamptz NOT NULL,
    amount numeric(10, 2) NOT NULL
);
INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 50) AS n;
INSERT INTO orders
    SELECT n, 1 + n % 50, timestamptz '2026-01-01 00:00+00' + n * interval '1 hour', (n * 37 % 10000) / 100.0
    FROM generate_series(1, 1000) AS n;
SQL
pg_ctlcluster "$major" main stop -m fast
rm -rf /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /var/log/*.log /var/log/apt \
    /var/log/postgresql/* /run/postgresql/*
