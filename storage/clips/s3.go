package clips

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"footfall/models"
)

// S3Options says where a bucket is and how it is used.
type S3Options struct {
	Endpoint  string // HOST:PORT
	TLS       bool
	RootCAs   *x509.CertPool // nil: whom the system trusts
	Region    string
	Bucket    string
	Prefix    string // of all keys, without a slash at its ends; may be empty
	AccessKey string
	SecretKey string
	// Encrypt: by the server, with its own key ("s3"), or with one of its key service ("kms:ID"); empty: as the bucket
	// does by itself.
	Encrypt string
	// Lock keeps objects in compliance mode, so that nobody can delete them before their time, where the bucket can.
	Lock bool
}

// S3 is a store in a bucket of S3, MinIO or what speaks like them.
type S3 struct {
	o       S3Options
	client  *minio.Client
	pool    *http.Transport
	encrypt encrypt.ServerSide
}

// partSize is from which size on an object is sent in parts, each of which is tried again by itself.
const partSize = 5 << 20

// NewS3 is the store in a bucket. It asks nobody yet.
func NewS3(o S3Options) (*S3, error) {
	transport, err := minio.DefaultTransport(o.TLS)
	if err != nil {
		return nil, fmt.Errorf("open S3: %w", err)
	}
	transport.ResponseHeaderTimeout = 30 * time.Second
	if o.TLS {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	}
	s := &S3{o: o, pool: transport}
	s.client, err = minio.New(o.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure: o.TLS, Region: o.Region, Transport: transport, MaxRetries: 1, // Retry does that
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("open S3 at %s: %w", o.Endpoint, err)
	}
	switch key, kms := strings.CutPrefix(o.Encrypt, "kms:"); {
	case kms:
		s.encrypt, err = encrypt.NewSSEKMS(key, nil)
	case o.Encrypt == "s3":
		s.encrypt = encrypt.NewSSE()
	case o.Encrypt != "":
		err = models.Invalidf("clips.s3.encrypt", "%q is unknown; use s3 or kms:ID", o.Encrypt)
	}
	return s, err
}

// String implements Store.
func (s *S3) String() string {
	return strings.TrimSuffix("bucket "+s.o.Bucket+"/"+s.o.Prefix, "/") + " at " + s.o.Endpoint
}

// Close lets idle connections go.
func (s *S3) Close() { s.pool.CloseIdleConnections() }

func (s *S3) name(key string) string {
	if s.o.Prefix == "" {
		return key
	}
	return s.o.Prefix + "/" + key
}

// failed makes of what the server said what callers act on.
func (s *S3) failed(what, key string, err error) error {
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey, "NotFound":
		err = models.ErrNotFound
	case minio.AccessDenied, minio.InvalidAccessKeyID, minio.NoSuchBucket, "SignatureDoesNotMatch", "InvalidRequest",
		"InvalidArgument", "ObjectLocked", "KMS.NotFoundException", "KMSNotConfigured", "NotImplemented",
		"AccountProblem", "InvalidBucketName", "AuthorizationHeaderMalformed":
		err = fmt.Errorf("%s (%s): %w", oneLine(answer.Message), answer.Code, ErrRefused)
	}
	if key == "" {
		return fmt.Errorf("%s %s: %w", what, s, err)
	}
	return fmt.Errorf("%s %s in %s: %w", what, key, s, err)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Put implements Store.
func (s *S3) Put(ctx context.Context, key string, content Content) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if _, err := content.Body.Seek(0, io.SeekStart); err != nil {
		return s.failed("store", key, err)
	}
	options := minio.PutObjectOptions{
		ContentType: content.Type, PartSize: partSize, NumThreads: 1, ServerSideEncryption: s.encrypt,
		UserMetadata: map[string]string{"sha256": content.SHA256},
	}
	if s.o.Lock && !content.Until.IsZero() {
		options.Mode, options.RetainUntilDate = minio.Compliance, content.Until.UTC()
	}
	_, err := s.client.PutObject(ctx, s.o.Bucket, s.name(key), content.Body, content.Bytes, options)
	if err != nil && options.Mode != "" && minio.ToErrorResponse(err).Code == "InvalidRequest" {
		// The bucket cannot lock, which Abilities has said. Better there without a lock than not there.
		options.Mode, options.RetainUntilDate = "", time.Time{}
		if _, err = content.Body.Seek(0, io.SeekStart); err == nil {
			_, err = s.client.PutObject(ctx, s.o.Bucket, s.name(key), content.Body, content.Bytes, options)
		}
	}
	if err != nil {
		return s.failed("store", key, err)
	}
	if err := readBack(ctx, s, key, content); err != nil {
		return s.failed("store", key, err)
	}
	return nil
}

// Get implements Store.
func (s *S3) Get(ctx context.Context, key string) (Reader, Object, error) {
	if err := checkKey(key); err != nil {
		return nil, Object{}, err
	}
	object, err := s.client.GetObject(ctx, s.o.Bucket, s.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, Object{}, s.failed("read", key, err)
	}
	info, err := object.Stat()
	if err != nil {
		return nil, Object{}, errors.Join(s.failed("read", key, err), object.Close())
	}
	return object, Object{key, info.Size, info.LastModified}, nil
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	info, err := s.client.StatObject(ctx, s.o.Bucket, s.name(key), minio.StatObjectOptions{})
	if err != nil {
		return Object{}, s.failed("find", key, err)
	}
	return Object{key, info.Size, info.LastModified}, nil
}

// List implements Store.
func (s *S3) List(ctx context.Context, prefix string, each func(Object) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	all := s.client.ListObjectsIter(ctx, s.o.Bucket, minio.ListObjectsOptions{Prefix: s.name(prefix), Recursive: true})
	for info := range all {
		if info.Err != nil {
			return s.failed("list", "", info.Err)
		}
		key := info.Key
		if s.o.Prefix != "" {
			key = strings.TrimPrefix(key, s.o.Prefix+"/")
		}
		if err := each(Object{key, info.Size, info.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Remove implements Store. In a bucket with versions all of them go.
func (s *S3) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	name := s.name(key)
	listing, stop := context.WithCancel(ctx)
	defer stop()
	versions := s.client.ListObjectsIter(listing, s.o.Bucket, minio.ListObjectsOptions{
		Prefix: name, WithVersions: true,
	})
	for info := range versions {
		if info.Err != nil {
			return s.failed("delete", key, info.Err)
		}
		if info.Key != name {
			continue
		}
		options := minio.RemoveObjectOptions{VersionID: info.VersionID}
		if err := s.client.RemoveObject(ctx, s.o.Bucket, name, options); err != nil {
			return s.failed("delete", key, err)
		}
	}
	return nil
}

// Hold implements Store.
func (s *S3) Hold(ctx context.Context, key string, held bool) error {
	if err := checkKey(key); err != nil {
		return err
	}
	can, err := s.Abilities(ctx)
	if err != nil || !can.Hold {
		return err
	}
	status := minio.LegalHoldDisabled
	if held {
		status = minio.LegalHoldEnabled
	}
	err = s.client.PutObjectLegalHold(ctx, s.o.Bucket, s.name(key), minio.PutObjectLegalHoldOptions{Status: &status})
	if err != nil {
		return s.failed("hold", key, err)
	}
	return nil
}

// Link implements Store.
func (s *S3) Link(ctx context.Context, key string, lasting time.Duration) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	link, err := s.client.PresignedGetObject(ctx, s.o.Bucket, s.name(key), lasting, url.Values{
		"response-cache-control": {"private, no-store"},
	})
	if err != nil {
		return "", s.failed("make an address of", key, err)
	}
	return link.String(), nil
}

// Abilities implements Store.
func (s *S3) Abilities(ctx context.Context) (Abilities, error) {
	lock, _, _, _, err := s.client.GetObjectLockConfig(ctx, s.o.Bucket)
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil && lock == "Enabled" && s.o.Lock:
		return Abilities{Lock: true, Hold: true, Detail: "a bucket with object lock: clips cannot be deleted before " +
			"their time, nor while they are held"}, nil
	case err == nil && lock == "Enabled":
		return Abilities{Hold: true, Detail: "a bucket with object lock: clips that are held cannot be deleted; " +
			"clips.s3.lock would protect the others until their time"}, nil
	case err == nil, code == "ObjectLockConfigurationNotFoundError", code == "NotImplemented":
		return Abilities{Detail: "a bucket without object lock: who may delete in it can delete clips, which the " +
			"check of the chains shows"}, nil
	}
	return Abilities{}, s.failed("ask what can be done in", "", err)
}
