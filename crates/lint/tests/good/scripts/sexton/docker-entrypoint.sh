#!/bin/sh
prepare
npm start
