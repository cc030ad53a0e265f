{{- define "weir.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "weir.selector" -}}
app.kubernetes.io/name: weir
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "weir.labels" -}}
{{ include "weir.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "weir.configuration" -}}
{{ .Values.configuration | default (.Files.Get (printf "files/%s.yaml" (required "size is small, medium or large" .Values.size))) }}
{{- end }}

{{- /* Users of nothing but their sockets. */ -}}
{{- define "weir.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .uid }}
fsGroup: {{ .uid }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "weir.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}

{{- define "weir.secretEnv" -}}
valueFrom:
  secretKeyRef:
    name: {{ .root.Values.secret }}
    key: {{ .key }}
{{- end }}

{{- define "weir.kafkaEnv" -}}
- name: WEIR_KAFKA_BROKERS
  value: {{ .Values.kafka.brokers | quote }}
{{- with .Values.kafka.env }}
{{ toYaml . }}
{{- end }}
{{- end }}
